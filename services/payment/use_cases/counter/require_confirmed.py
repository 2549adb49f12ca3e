from typing import Final

from services.payment.domain.counter.errors import NotConfirmedAtCounter
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.ports.unit_of_work import UnitOfWork

# As the gateway names the officer's proof: signed in with two factors, and a signature by their
# smart card over fee, desk and drawer.
OFFICER_ASSURANCE: Final = "officer-token"


async def require_confirmed(intent: PaymentIntent, method: Method, *, uow: UnitOfWork) -> str:
    """The evidence by which an officer confirmed this fee for this way of paying at a counter."""
    agreed = await uow.intents.find_agreement(intent, method)
    if agreed is None or agreed.assurance != OFFICER_ASSURANCE:
        raise NotConfirmedAtCounter(method)
    return agreed.evidence_id
