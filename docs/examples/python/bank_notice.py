"""Tell the gateway of a payment as a bank: sign the notice, send it until it is heard.

    python bank_notice.py ORIGIN CLIENT_ID KEY_FILE PROVIDER NOTICE_FILE

PROVIDER is the code under which you are registered; NOTICE_FILE the JSON to send. Every try is
signed anew, with a new nonce; the notice inside stays the same, and counts once however often it
is heard.
Leaves with 0 when it was heard, 1 when it was refused, 2 when no word of the gateway came.
"""

import json
import sys
import time
from pathlib import Path
from urllib.error import URLError

from answers import check_answer
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from signing import digest, send, sign

TRIES = 5


def notify(jwks, key, client_id, url, body):
    headers = {
        "content-digest": digest(body),
        "content-type": "application/json",
        "lephi-client": client_id,
    }
    sent = sign(key, "lephi-bank-callback-1", "POST", url, headers)
    status, answered, said = send("POST", url, sent, body)
    check_answer(jwks, "POST", url, sent, status, answered, said)
    return status, said


def main(origin, client_id, key_file, provider, notice_file):
    key = load_pem_private_key(Path(key_file).read_bytes(), password=None)
    jwks = json.loads(send("GET", f"{origin}/.well-known/jwks.json", {})[2])
    url = f"{origin}/v1/provider-notifications/{provider}"
    body = Path(notice_file).read_bytes()
    for wait_seconds in range(1, TRIES + 1):
        try:
            status, said = notify(jwks, key, client_id, url, body)
        except (InvalidSignature, URLError) as error:
            # Somebody else may have answered, or nobody: the payment is not told yet.
            print(f"No word of the gateway: {error}", file=sys.stderr)
        else:
            if status not in (429, 503):
                print(said.decode())
                return 0 if status == 200 else 1
        time.sleep(wait_seconds)
    return 2


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
