"""Look something up with an access token bound to a key of this process (RFC 9449).

    python token_with_dpop.py ORIGIN CLIENT_ID KEY_FILE TARGET SCOPE

KEY_FILE is your registered private key (PEM); TARGET for example '/v1/dossiers?limit=5', SCOPE for
example dossier.read. Prints the answer; leaves with 0, or with 1 when it is refused.
"""

import hashlib
import json
import secrets
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from signing import b64url, public_jwk, send, sign_bytes, thumbprint

FORM = "application/x-www-form-urlencoded"


def jwt(key, header, claims):
    header = {"alg": "EdDSA" if isinstance(key, Ed25519PrivateKey) else "ES256", **header}
    parts = [b64url(json.dumps(part).encode()) for part in (header, claims)]
    return ".".join([*parts, b64url(sign_bytes(key, ".".join(parts).encode()))])


def assertion(key, client_id, origin):
    """Who we are, by the registered key, for one minute and once (RFC 7523)."""
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": origin, "iat": now, "exp": now + 60}
    return jwt(key, {"kid": thumbprint(key)}, {**claims, "jti": secrets.token_urlsafe(16)})


def proof(key, method, url, **more):
    """That this very request comes from the holder of the key that the token is bound to."""
    header = {"typ": "dpop+jwt", "jwk": public_jwk(key)}
    claims = {"htm": method, "htu": url, "iat": int(time.time()), "jti": secrets.token_urlsafe(16)}
    return jwt(key, header, {**claims, **more})


def ask_for_token(key, sender, client_id, origin, scope):
    url, more = f"{origin}/oauth2/token", {}
    for _ in range(2):  # The first answer brings the nonce that the second proof carries.
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion(key, client_id, origin),
            "scope": scope,
        }
        headers = {"content-type": FORM, "dpop": proof(sender, "POST", url, **more)}
        status, answered, said = send("POST", url, headers, urlencode(form).encode())
        more = {"nonce": answered["dpop-nonce"]}
        if status == 200 or json.loads(said).get("error") != "use_dpop_nonce":
            break
    return status, json.loads(said), more


def main(origin, client_id, key_file, target, scope):
    key = load_pem_private_key(Path(key_file).read_bytes(), password=None)
    sender = Ed25519PrivateKey.generate()  # Lives as long as this process.
    status, granted, more = ask_for_token(key, sender, client_id, origin, scope)
    if status != 200:
        print(json.dumps(granted))
        return 1
    token, url = granted["access_token"], origin + target
    ath = b64url(hashlib.sha256(token.encode()).digest())
    shown = proof(sender, "GET", url.partition("?")[0], ath=ath, **more)
    headers = {"authorization": f"DPoP {token}", "dpop": shown}
    status, _, said = send("GET", url, headers)
    print(said.decode())
    return 0 if status == 200 else 1


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
