from deploy.verifier.anchors import holder_of
from deploy.verifier.confirmation.certified import check_certified
from deploy.verifier.confirmation.proof import Proof


def check_remote_signature(proof: Proof) -> str:
    leaf = check_certified(proof, proof.anchors.person_authorities)
    return f"certificate of {holder_of(leaf)}"
