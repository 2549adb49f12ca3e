from uuid import UUID

from chassis.events import Envelope, EventData
from services.dossier.consumers.tools import Tools
from services.dossier.use_cases.record_payment_cancelled import record_payment_cancelled


class PaymentCancelled(EventData):
    """What we read of payment.cancelled.v1."""

    payment_intent_id: UUID


async def on_payment_cancelled(event: Envelope[PaymentCancelled], tools: Tools) -> None:
    await record_payment_cancelled(
        event.data.payment_intent_id, caused_by=event.id, uow=tools.uow()
    )
