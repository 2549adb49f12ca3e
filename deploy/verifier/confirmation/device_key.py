from typing import Final

from deploy.verifier.confirmation.proof import RECORD, Proof
from deploy.verifier.encodings import object_at
from deploy.verifier.signatures import require_detached

INTENT_JWS_TYPE: Final = "lephi-fee-intent+jws"


def check_device_key(proof: Proof) -> str:
    """A detached JWS over the intent by the device key that the gateway says was enrolled."""
    key_id = require_detached(
        proof.text("jws"),
        proof.intent_bytes,
        typ=INTENT_JWS_TYPE,
        jwk=object_at(proof.said, "device_jwk", RECORD),
    )
    return f"device {key_id}"
