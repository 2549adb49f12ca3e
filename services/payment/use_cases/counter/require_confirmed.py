from typing import Final

from services.payment.domain.counter.errors import NotConfirmedAtCounter
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import PaymentIntent

# As the gateway names the officer's proof: signed in with two factors, and a signature by their
# smart card over fee, desk and drawer.
OFFICER_ASSURANCE: Final = "officer-token"


def require_confirmed(intent: PaymentIntent, method: Method) -> str:
    """The evidence by which an officer confirmed this fee for this way of paying at a counter."""
    confirmation = intent.confirmation
    if (
        confirmation is None
        or confirmation.method is not method
        or confirmation.assurance != OFFICER_ASSURANCE
    ):
        raise NotConfirmedAtCounter(method)
    return confirmation.evidence_id
