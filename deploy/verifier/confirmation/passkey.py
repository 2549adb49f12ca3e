from deploy.verifier.confirmation.proof import Proof
from deploy.verifier.confirmation.webauthn import check_assertion


def check_passkey(proof: Proof) -> str:
    """The challenge is the digest of the intent; our page drew what the payer read."""
    check_assertion(proof, kind="webauthn.get")
    return f"passkey {proof.text('credential_id')}"
