from deploy.verifier.confirmation.proof import Proof
from deploy.verifier.confirmation.webauthn import check_assertion
from deploy.verifier.encodings import object_at, text_at
from deploy.verifier.verdict import require


def check_secure_payment(proof: Proof) -> str:
    """The browser itself drew payee and total, and signed them: they must be the intent's."""
    payment = object_at(check_assertion(proof, kind="payment.get"), "payment", "the client data")
    payee = text_at(object_at(proof.intent, "payee", "the intent"), "name", "the payee")
    total = {"currency": proof.intent.get("currency"), "value": proof.intent.get("amount")}
    require(payment.get("total") == total, "the browser showed another amount")
    require(payment.get("payeeName") == payee, "the browser showed another payee")
    require(payment.get("payeeOrigin") is None, "the browser showed another payee")
    require(payment.get("topOrigin") == proof.intent.get("aud"), "it was shown on another site")
    return f"passkey {proof.text('credential_id')}, shown by the browser"
