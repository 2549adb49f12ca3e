import { ask } from "./api.js";
import { decode } from "./bytes.js";
import { countDown, secondsBetween } from "./count-down.js";
import * as deviceKey from "./device-key.js";
import * as passkeys from "./passkeys.js";
import { Spoken, byId, onClick, onSubmit, ready, say, warn, words } from "./page.js";
import { watch } from "./watch.js";

const root = byId("pay");
const payment = root.dataset.payment;
const account = root.dataset.account;
// The fee has moved on elsewhere: the page shows where to.
const MOVED_ON = ["already_confirmed", "confirmation_used", "payment_not_confirmable"];
const OVER = ["confirmation_expired", "confirmation_superseded", "confirmation_not_found"];
let statement = null;
let stopCounting = () => {};

function endStatement() {
  statement = null;
  stopCounting();
  byId("ways").hidden = true;
  byId("reopen").hidden = false;
}

async function openStatement() {
  byId("confirm").setAttribute("aria-busy", "true");
  try {
    statement = await ask("POST", `/v1/payment-intents/${payment}/confirmations`, {
      method: root.dataset.way,
    });
  } catch (error) {
    endStatement();
    byId("statement").textContent = error.spoken || words.unreachable;
    throw moved(error);
  } finally {
    byId("confirm").removeAttribute("aria-busy");
  }
  byId("statement").textContent = statement.shown_text;
  byId("reopen").hidden = true;
  byId("ways").hidden = false;
  stopCounting();
  const lasting = secondsBetween(statement.intent.iat, statement.intent.exp);
  stopCounting = countDown(byId("confirm-left"), lasting, () => {
    endStatement();
    warn(words.statement_expired);
  });
  ready(byId("confirm"));
}

async function confirm(makeProof) {
  if (!statement) {
    throw new Spoken(words.statement_expired);
  }
  const path = `/v1/confirmations/${statement.confirmation_id}`;
  try {
    await ask("POST", `${path}/proof`, await makeProof(path));
  } catch (error) {
    if (OVER.includes(error.code)) {
      endStatement();
    }
    throw moved(error);
  }
  stopCounting();
  location.reload();
  return words.confirmed;
}

function moved(error) {
  if (MOVED_ON.includes(error.code)) {
    location.reload();
  }
  return error;
}

async function showDevice() {
  try {
    const known = await deviceKey.find(account);
    byId("device-state").textContent = known ? words.device_here : words.device_first;
    byId("enrol").hidden = Boolean(known);
    byId("sign").hidden = !known;
    byId("enrol").disabled = Boolean(known);
    byId("sign").disabled = !known;
  } catch (error) {
    byId("device-state").textContent = error.spoken || words.storage_missing;
  }
}

async function enrolDevice() {
  await deviceKey.enrol(account, byId("code").value);
  byId("code").value = "";
  await showDevice();
  byId("code").focus();
  return `${words.device_enrolled} ${words.next_code}`;
}

function confirmWithDevice() {
  return confirm(async () => {
    const device = await deviceKey.find(account);
    if (!device) {
      await showDevice();
      throw new Spoken(words.device_not_here);
    }
    const jws = await deviceKey.signIntent(device, decode(statement.intent_bytes));
    return { kind: "device-key", jws, totp: byId("code").value };
  }).catch(async (error) => {
    if (error.code === "device_key_refused") {
      await deviceKey.forget(account);
      await showDevice();
    }
    throw error;
  });
}

function confirmWithPasskey() {
  return confirm(async (path) => {
    let options;
    try {
      options = await ask("POST", `${path}/passkey-options`);
    } catch (error) {
      if (error.code === "no_passkey") {
        byId("no-passkey").hidden = false;
        byId("device-way").open = true;
      }
      throw error;
    }
    return passkeys.confirm(options);
  });
}

// The provider's page takes over: what is typed there never comes here.
async function goOn() {
  const bank = byId("bank");
  const attempt = await ask("POST", `/v1/payment-intents/${payment}/attempts`, {
    method: root.dataset.way,
    language: document.documentElement.lang,
    ...(bank ? { bank_code: bank.value } : {}),
  });
  if (attempt.pay_url && /^https?:\/\//.test(attempt.pay_url)) {
    location.assign(attempt.pay_url);
  } else {
    location.reload();
  }
}

if (byId("start")) {
  onClick(byId("start"), goOn);
  byId("start").disabled = false;
}
if (byId("confirm")) {
  onClick(byId("with-passkey"), confirmWithPasskey);
  onSubmit(byId("with-device"), () =>
    byId("sign").hidden ? enrolDevice() : confirmWithDevice(),
  );
  onClick(byId("reopen"), async () => {
    await openStatement();
    byId("statement").focus();
    return words.statement_ready;
  });
  if (!passkeys.available()) {
    byId("with-passkey").hidden = true;
    byId("device-way").open = true;
  }
  openStatement()
    .then(() => say(words.statement_ready))
    .catch((error) => warn(error.spoken || words.unreachable));
  showDevice();
}
if (byId("due")) {
  const lasting = secondsBetween(root.dataset.now, byId("due").getAttribute("datetime"));
  countDown(byId("due-left"), lasting, () => {}, `${words.left} `);
}
watch(root.dataset);
