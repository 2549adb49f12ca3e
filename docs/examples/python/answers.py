"""Who answered? Checks the gateway's signature over an answer (docs/how-to-sign.md); for a copy.

The gateway's answer key is ECDSA P-256.
"""

import base64
import re
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from signing import digest


def check_answer(jwks, method, url, sent, status, headers, body):
    """Raises InvalidSignature unless the gateway said this, and to this very request."""
    params = headers.get("signature-input", "").removeprefix("lephi=")
    values = {
        '"@status"': str(status),
        '"content-digest"': headers.get("content-digest"),
        '"content-type"': headers.get("content-type"),
        '"@method";req': method,
        '"@target-uri";req': url,
        '"content-digest";req': sent["content-digest"],
        '"signature";req;key="lephi"': sent["signature"].removeprefix("lephi="),
    }
    covered = re.findall(r'"[^"]+"(?:;req)?(?:;key="lephi")?', params.partition(")")[0])
    said = dict(re.findall(r';(created|keyid|tag)="?([^";]+)', params.partition(")")[2]))
    jwk = {one["kid"]: one for one in jwks["keys"]}.get(said.get("keyid"))
    if jwk is None or set(covered) != set(values) or said["tag"] != "lephi-response-1":
        raise InvalidSignature("not signed as the gateway signs")
    if abs(time.time() - int(said["created"])) > 60 or headers["content-digest"] != digest(body):
        raise InvalidSignature("an old answer, or another body")
    base = "".join(f"{name}: {values[name]}\n" for name in covered)
    base += f'"@signature-params": {params}'
    x, y = (int.from_bytes(base64.urlsafe_b64decode(jwk[name] + "=="), "big") for name in "xy")
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    raw = base64.b64decode(headers["signature"].removeprefix("lephi=").strip(":"))
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key.verify(utils.encode_dss_signature(r, s), base.encode(), ec.ECDSA(hashes.SHA256()))
