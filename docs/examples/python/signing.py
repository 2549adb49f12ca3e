"""HTTP message signatures as the gateway asks for them (docs/how-to-sign.md); for a copy.

Needs `cryptography` and nothing else. For Ed25519 and ECDSA P-256 keys.
"""

import base64
import hashlib
import json
import secrets
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def b64(raw):
    return base64.b64encode(raw).decode()


def b64url(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def public_jwk(key):
    public = key.public_key()
    if isinstance(key, Ed25519PrivateKey):
        return {"crv": "Ed25519", "kty": "OKP", "x": b64url(public.public_bytes_raw())}
    point = public.public_numbers()
    x, y = (b64url(number.to_bytes(32, "big")) for number in (point.x, point.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def thumbprint(key):
    """The name of the key, for `keyid` (RFC 7638)."""
    jwk = json.dumps(public_jwk(key), separators=(",", ":"), sort_keys=True)
    return b64url(hashlib.sha256(jwk.encode()).digest())


def sign_bytes(key, message):
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")  # Not DER.


def sign(key, tag, method, url, headers):
    """Adds the two signature headers. Every header given here is covered."""
    values = {"@method": method, "@target-uri": url, **headers}
    now = int(time.time())
    covered = " ".join(f'"{name}"' for name in values)
    params = f'({covered});created={now};expires={now + 60};nonce="{secrets.token_urlsafe(16)}"'
    params += f';keyid="{thumbprint(key)}";tag="{tag}"'
    base = "".join(f'"{name}": {value}\n' for name, value in values.items())
    base += f'"@signature-params": {params}'
    signature = f"lephi=:{b64(sign_bytes(key, base.encode()))}:"
    return {**headers, "signature-input": f"lephi={params}", "signature": signature}


def digest(body):
    return f"sha-256=:{b64(hashlib.sha256(body).digest())}:"


def send(method, url, headers, body=None):
    """Status, headers and body, also of a refusal."""
    try:
        with urlopen(Request(url, body, headers, method=method), timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as refused:
        return refused.code, refused.headers, refused.read()
