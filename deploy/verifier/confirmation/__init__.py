"""How a fee was agreed to: one module a kind of proof, one line in the table."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from deploy.verifier.anchors import Anchors
from deploy.verifier.confirmation.device_key import check_device_key
from deploy.verifier.confirmation.officer_token import check_officer_token
from deploy.verifier.confirmation.passkey import check_passkey
from deploy.verifier.confirmation.proof import Proof
from deploy.verifier.confirmation.remote_signature import check_remote_signature
from deploy.verifier.confirmation.secure_payment import check_secure_payment
from deploy.verifier.encodings import canonical_object, instant_at
from deploy.verifier.verdict import Broken, require

INTENT_TYPE: Final = "lephi-fee-intent/1"
# What is checked, and the only words under which it may have been told to a portal.
KINDS: Final[Mapping[str, tuple[str, Callable[[Proof], str]]]] = {
    "device-key": ("password+totp+device-key", check_device_key),
    "passkey": ("passkey", check_passkey),
    "secure-payment-confirmation": ("secure-payment-confirmation", check_secure_payment),
    "remote-signature": ("remote-signature", check_remote_signature),
    "officer-token": ("officer-token", check_officer_token),
}
# Who agreed: only a counter's intent says so, and only an officer's token may prove it.
COUNTER_KIND: Final = "officer-token"


def check_confirmation(intent: bytes, confirmation: bytes, anchors: Anchors) -> tuple[Proof, str]:
    """The proof, and who gave it; raises Broken."""
    said = canonical_object(confirmation, "the confirmation")
    stated = canonical_object(intent, "the intent")
    # Records made before there were other kinds do not say theirs.
    kind = said.get("kind", "device-key")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Broken("the confirmation is of no kind that counts")
    proof = Proof(
        intent_bytes=intent,
        intent=stated,
        said=said,
        confirmed_at=instant_at(said, "confirmed_at", "the confirmation"),
        anchors=anchors,
    )
    assurance, check = KINDS[kind]
    require(stated.get("typ") == INTENT_TYPE, f"the intent is not of the form {INTENT_TYPE}")
    require(said.get("assurance") == assurance, "the assurance is not the one of its kind")
    at_counter = stated.get("role") == "counter"
    require(at_counter == (kind == COUNTER_KIND), "the proof is not of who the intent names")
    _require_template(stated, said)
    _require_time(proof)
    return proof, check(proof)


def _require_template(intent: dict[str, Any], said: dict[str, Any]) -> None:
    template = said.get("template", intent.get("tpl"))
    require(template == intent.get("tpl"), "the text shown is of another template")


def _require_time(proof: Proof) -> None:
    begun, over = (instant_at(proof.intent, name, "the intent") for name in ("iat", "exp"))
    require(begun <= proof.confirmed_at <= over, "it was confirmed outside the intent's time")
