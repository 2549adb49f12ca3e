import { ask, showGenerator } from "./api.js";
import * as deviceKey from "./device-key.js";
import * as passkeys from "./passkeys.js";
import { byId, onClick, onSubmit, ready, showCodes, words } from "./page.js";

const root = byId("account");
const account = root.dataset.account;

// What was done is told after the page shows it.
const TOLD = "lephi-told";

function reload(told) {
  sessionStorage.setItem(TOLD, told);
  location.reload();
}

function tellWhatWasDone() {
  const told = sessionStorage.getItem(TOLD);
  sessionStorage.removeItem(TOLD);
  if (told) {
    byId("message").textContent = told;
    byId("message").hidden = false;
  }
}

onSubmit(byId("add-passkey"), async () => {
  await passkeys.register(byId("passkey-name").value.trim() || words.passkey_name);
  reload(words.passkey_added);
});

for (const button of root.querySelectorAll("[data-remove-passkey]")) {
  onClick(button, async () => {
    if (window.confirm(words.sure_remove)) {
      await ask("DELETE", `/v1/passkeys/${button.dataset.removePasskey}`);
      reload(words.passkey_removed);
    }
  });
}

for (const button of root.querySelectorAll("[data-end-session]")) {
  onClick(button, async () => {
    await ask("DELETE", `/v1/sessions/${button.dataset.endSession}`);
    reload(words.session_ended);
  });
}

if (byId("end-others")) {
  onClick(byId("end-others"), async () => {
    await ask("DELETE", "/v1/sessions");
    reload(words.sessions_ended);
  });
}

onClick(byId("sign-out"), async () => {
  await ask("DELETE", "/v1/sessions/current");
  location.assign("/sign-in");
});

onClick(byId("new-generator"), async () => {
  const made = await ask("POST", "/v1/accounts/current/totp", {});
  await showGenerator(root, made.totp_uri);
  byId("new-generator").hidden = true;
  byId("generator").hidden = false;
  byId("generator-code").focus();
});

onSubmit(byId("replace"), async () => {
  const code = byId("generator-code").value;
  await ask("POST", "/v1/accounts/current/totp-activations", { code });
  reload(words.code_replaced);
});

async function showDevice() {
  try {
    const known = await deviceKey.find(account);
    byId("device-state").textContent = known ? words.device_here : words.device_not_here;
    byId("enrol").hidden = Boolean(known);
  } catch (error) {
    byId("device-state").textContent = error.spoken || words.storage_missing;
  }
}

if (byId("enrol")) {
  onSubmit(byId("enrol"), async () => {
    await deviceKey.enrol(account, byId("device-code").value);
    await showDevice();
    return words.device_enrolled;
  });
  onSubmit(byId("recover"), async () => {
    const made = await ask("POST", "/v1/recovery-codes", { totp: byId("recovery-code").value });
    byId("recover").reset();
    showCodes(made.codes);
    return words.codes_made;
  });
  showDevice();
}

ready(root);
tellWhatWasDone();
