// Bytes as base64url without padding (RFC 4648), the way JOSE and WebAuthn write them.

export function encode(bytes) {
  const raw = Array.from(new Uint8Array(bytes), (one) => String.fromCharCode(one)).join("");
  return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function decode(text) {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (one) => one.charCodeAt(0));
}

export function encodeText(text) {
  return encode(new TextEncoder().encode(text));
}
