"""Submit a dossier as a portal: sign it, send it, check the signed answer, and print it.

    python sign_and_submit.py ORIGIN CLIENT_ID KEY_FILE DOSSIER_FILE IDEMPOTENCY_KEY

ORIGIN is the public address, for example https://lephi.example.vn; KEY_FILE your registered private
key (PEM); DOSSIER_FILE the JSON to send. No answer came? Run it again with the same
IDEMPOTENCY_KEY.
Leaves with 0 when the dossier was taken, 1 when it was refused, 2 when no word of the gateway came.
"""

import json
import sys
from pathlib import Path
from urllib.error import URLError

from answers import check_answer
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from signing import digest, send, sign


def main(origin, client_id, key_file, dossier_file, idempotency_key):
    key = load_pem_private_key(Path(key_file).read_bytes(), password=None)
    # In production keep these keys, and take new ones by another way than the answers'.
    jwks = json.loads(send("GET", f"{origin}/.well-known/jwks.json", {})[2])

    url = f"{origin}/v1/dossiers"
    body = Path(dossier_file).read_bytes()
    headers = {
        "content-digest": digest(body),
        "content-type": "application/json",
        "idempotency-key": idempotency_key,
        "lephi-client": client_id,
    }
    sent = sign(key, "lephi-fee-request-1", "POST", url, headers)
    status, answered, said = send("POST", url, sent, body)
    check_answer(jwks, "POST", url, sent, status, answered, said)
    print(said.decode())
    return 0 if status in (200, 201) else 1


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    try:
        sys.exit(main(*sys.argv[1:]))
    except (InvalidSignature, URLError) as error:
        print(f"No word of the gateway: {error}. Ask again.", file=sys.stderr)
        sys.exit(2)
