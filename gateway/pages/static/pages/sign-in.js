import { ask } from "./api.js";
import * as passkeys from "./passkeys.js";
import { byId, onClick, onSubmit, ready } from "./page.js";

const root = byId("sign-in");

function enter() {
  location.replace(root.dataset.next);
}

onClick(byId("by-passkey"), async () => {
  await passkeys.signIn();
  enter();
});

onSubmit(byId("by-password"), async () => {
  const code = byId("code").value.trim();
  const digits = code.replace(/\s/g, "");
  const second = /^[0-9]{6}$/.test(digits) ? { totp: digits } : { recovery_code: code };
  const body = { username: byId("username").value.trim(), password: byId("password").value };
  const opened = await ask("POST", "/v1/sessions?cookie=true", Object.assign(body, second));
  if (opened.acr === "urn:lephi:acr:recovery") {
    location.replace("/account");
  } else {
    enter();
  }
});

ready(root);
