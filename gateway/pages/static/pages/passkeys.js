// WebAuthn and Secure Payment Confirmation, spoken in the JSON of our API.

import { ask } from "./api.js";
import { decode, encode } from "./bytes.js";
import { Spoken, words } from "./page.js";

const SPC = "secure-payment-confirmation";

export function available() {
  return Boolean(window.PublicKeyCredential && navigator.credentials);
}

export async function signIn() {
  needPasskeys();
  const options = await ask("POST", "/v1/passkey-logins", {});
  const credential = await asked(() => navigator.credentials.get({ publicKey: requestOptions(options) }));
  const body = { credential: assertion(credential) };
  return ask("POST", "/v1/passkey-sessions?cookie=true", body);
}

// Where the browser confirms payments itself the passkey is made for that too. Browsers that say
// no to it are asked again for an ordinary one.
export async function register(name) {
  needPasskeys();
  const forPayment = await canConfirmPayments();
  try {
    return await make(name, forPayment);
  } catch (error) {
    if (!forPayment || !error.unsupported) {
      throw error;
    }
    return make(name, false);
  }
}

async function make(name, payment) {
  const options = await ask("POST", "/v1/passkey-registrations", { payment });
  const publicKey = Object.assign({}, options, {
    challenge: decode(options.challenge),
    user: Object.assign({}, options.user, { id: decode(options.user.id) }),
    excludeCredentials: options.excludeCredentials.map(known),
  });
  if (payment) {
    // Browsers take a passkey for payments from the device's own authenticator only.
    publicKey.authenticatorSelection = Object.assign({}, options.authenticatorSelection, {
      authenticatorAttachment: "platform",
    });
  }
  const credential = await asked(() => navigator.credentials.create({ publicKey }));
  return ask("POST", "/v1/passkeys", { name, credential: attestation(credential) });
}

// The proof of one confirmation: by the browser's own window where it has one for this passkey.
export async function confirm(options) {
  needPasskeys();
  if (options.payment && window.PaymentRequest) {
    const request = paymentRequest(options.payment);
    if (await request.canMakePayment().catch(() => false)) {
      return confirmInBrowser(request);
    }
  }
  const publicKey = requestOptions(options.public_key);
  const credential = await asked(() => navigator.credentials.get({ publicKey }));
  return { kind: "passkey", credential: assertion(credential) };
}

async function confirmInBrowser(request) {
  const response = await asked(() => request.show());
  await response.complete("success");
  return { kind: SPC, credential: assertion(response.details) };
}

function paymentRequest(stated) {
  const methods = stated.methods.map((one) => ({
    supportedMethods: one.supportedMethods,
    data: Object.assign({}, one.data, {
      challenge: decode(one.data.challenge),
      credentialIds: one.data.credentialIds.map(decode),
    }),
  }));
  return new PaymentRequest(methods, stated.details);
}

async function canConfirmPayments() {
  if (!window.PaymentRequest) {
    return false;
  }
  if (PaymentRequest.securePaymentConfirmationAvailability) {
    const said = await PaymentRequest.securePaymentConfirmationAvailability().catch(() => "no");
    return said === "available";
  }
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
}

function needPasskeys() {
  if (!available()) {
    throw new Spoken(words.passkey_missing, "no_passkeys_here");
  }
}

async function asked(act) {
  try {
    return await act();
  } catch (error) {
    if (error.name === "InvalidStateError") {
      throw new Spoken(words.passkey_known, error.name);
    }
    const refused = new Spoken(words.passkey_cancelled, error.name);
    refused.unsupported = error.name === "NotSupportedError" || error.name === "TypeError";
    throw refused;
  }
}

function requestOptions(options) {
  return Object.assign({}, options, {
    challenge: decode(options.challenge),
    allowCredentials: options.allowCredentials.map(known),
  });
}

function known(one) {
  return Object.assign({}, one, { id: decode(one.id) });
}

function attestation(credential) {
  const response = credential.response;
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: {},
    response: {
      clientDataJSON: encode(response.clientDataJSON),
      attestationObject: encode(response.attestationObject),
      transports: response.getTransports ? response.getTransports() : [],
    },
  };
}

function assertion(credential) {
  const response = credential.response;
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: {
      clientDataJSON: encode(response.clientDataJSON),
      authenticatorData: encode(response.authenticatorData),
      signature: encode(response.signature),
      userHandle: response.userHandle ? encode(response.userHandle) : undefined,
    },
  };
}
