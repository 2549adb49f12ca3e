from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.errors import UnknownPaymentIntent
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.ports.unit_of_work import Reading


async def get_payment_intent(intent_id: UUID, *, reach: Reach, reading: Reading) -> PaymentIntent:
    """One intent; what the reach does not cover is as good as none."""
    async with reading:
        intent = await reading.intents.get(intent_id)
    if not reach.covers(client_id=intent.client_id, agency_code=intent.agency_code):
        raise UnknownPaymentIntent(intent_id)
    return intent
