// This browser's own P-256 key. It is made here and cannot be taken out, not even by this page:
// the browser signs with it and never shows it.

import { ask } from "./api.js";
import { encode, encodeText } from "./bytes.js";
import { Spoken, words } from "./page.js";

const STORE = "keys";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

export async function find(account) {
  const found = await inStore("readonly", (store) => store.get(account));
  return found || null;
}

export async function enrol(account, code) {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const full = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = { crv: full.crv, kty: full.kty, x: full.x, y: full.y };
  const device = { kid: await thumbprint(jwk), key: pair.privateKey };
  const challenge = await ask("POST", "/v1/device-key-challenges", {});
  const head = encodeText(JSON.stringify({ alg: "ES256", kid: device.kid }));
  const signed = `${head}.${encodeText(challenge.challenge)}`;
  const signature = await sign(device, new TextEncoder().encode(signed));
  // Kept before it is enrolled: a key that the server knows and the device lost is of no use.
  await inStore("readwrite", (store) => store.put(device, `${account}:new`));
  await ask("POST", "/v1/device-keys", { jwk, proof: `${signed}.${signature}`, totp: code });
  await inStore("readwrite", (store) => {
    store.put(device, account);
    return store.delete(`${account}:new`);
  });
  return device;
}

export function forget(account) {
  return inStore("readwrite", (store) => store.delete(account));
}

// Detached and unencoded (RFC 7797): the very bytes of the intent are signed, not a copy in text.
export async function signIntent(device, intent) {
  const head = encodeText(
    JSON.stringify({
      alg: "ES256",
      b64: false,
      crit: ["b64"],
      kid: device.kid,
      typ: "lephi-fee-intent+jws",
    }),
  );
  const prefix = new TextEncoder().encode(`${head}.`);
  const input = new Uint8Array(prefix.length + intent.length);
  input.set(prefix);
  input.set(intent, prefix.length);
  return `${head}..${await sign(device, input)}`;
}

async function sign(device, input) {
  return encode(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, device.key, input));
}

// RFC 7638: the members in this order, without white space.
async function thumbprint(jwk) {
  const text = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y });
  return encode(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function inStore(mode, act) {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Spoken(words.storage_missing, "no_storage"));
    if (!window.indexedDB || !crypto.subtle) {
      fail();
      return;
    }
    const opening = indexedDB.open("lephi", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = fail;
    opening.onsuccess = () => {
      const database = opening.result;
      const change = database.transaction(STORE, mode);
      const asked = act(change.objectStore(STORE));
      change.oncomplete = () => {
        database.close();
        resolve(asked.result);
      };
      change.onerror = fail;
      change.onabort = fail;
    };
  });
}
