import { ask, showGenerator, useCsrf } from "./api.js";
import * as passkeys from "./passkeys.js";
import { Spoken, byId, onClick, onSubmit, ready, showCodes, words } from "./page.js";

const root = byId("sign-up");
// Lives in this page alone, until the first sign-in is done.
const entered = { username: "", password: "", account: "" };

function go(step) {
  for (const section of root.querySelectorAll("[data-step]")) {
    section.hidden = section.dataset.step !== step;
  }
  byId(`step-${step}`).focus();
}

onSubmit(byId("open"), async () => {
  if (byId("password").value !== byId("password-again").value) {
    throw new Spoken(words.passwords_differ);
  }
  entered.username = byId("username").value.trim();
  entered.password = byId("password").value;
  const account = await ask("POST", "/v1/accounts", {
    username: entered.username,
    password: entered.password,
    full_name: byId("full-name").value.trim(),
  });
  entered.account = account.id;
  await showGenerator(root, account.totp_uri);
  go("generator");
});

onSubmit(byId("activate"), async () => {
  const code = byId("first-code").value;
  await ask("POST", `/v1/accounts/${entered.account}/totp-activations`, { code });
  for (const one of root.querySelectorAll("[data-qr], [data-secret]")) {
    one.remove();
  }
  go("first");
  return words.code_activated;
});

onSubmit(byId("enter"), async () => {
  const opened = await ask("POST", "/v1/sessions?cookie=true", {
    username: entered.username,
    password: entered.password,
    totp: byId("second-code").value,
  });
  useCsrf(opened.csrf_token);
  entered.password = "";
  go(passkeys.available() ? "passkey" : "recovery");
});

onClick(byId("add-passkey"), async () => {
  await passkeys.register(words.passkey_name);
  go("recovery");
  return words.passkey_added;
});

onClick(byId("no-passkey"), () => go("recovery"));

onSubmit(byId("recover"), async () => {
  const made = await ask("POST", "/v1/recovery-codes", { totp: byId("third-code").value });
  byId("recover").hidden = true;
  showCodes(made.codes);
});

ready(root);
