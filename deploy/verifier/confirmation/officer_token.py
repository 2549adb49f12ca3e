from deploy.verifier.anchors import holder_of
from deploy.verifier.confirmation.certified import check_certified
from deploy.verifier.confirmation.proof import Proof
from deploy.verifier.encodings import text_at
from deploy.verifier.verdict import require


def check_officer_token(proof: Proof) -> str:
    """An officer's word for a payer at the counter; a token signs a JWS and nothing else."""
    require(proof.text("signature_form") == "jws", "a token signs a JWS and nothing else")
    for name in ("officer", "desk", "drawer"):
        text_at(proof.intent, name, "the intent")
    leaf = check_certified(proof, proof.anchors.officer_authorities)
    return f"officer {holder_of(leaf)} at {proof.intent['desk']}"
