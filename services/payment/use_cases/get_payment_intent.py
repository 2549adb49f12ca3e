from uuid import UUID

from services.payment.domain.errors import UnknownPaymentIntent
from services.payment.domain.payment_intent import PaymentIntent
from services.payment.ports import Reading


async def get_payment_intent(
    intent_id: UUID, *, client_id: str | None, reading: Reading
) -> PaymentIntent:
    """One intent. For a client only its own; another's is as good as none."""
    async with reading:
        intent = await reading.intents.get(intent_id)
    if client_id is not None and intent.client_id != client_id:
        raise UnknownPaymentIntent(intent_id)
    return intent
