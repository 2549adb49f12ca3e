from datetime import datetime
from uuid import UUID

from chassis.events import Envelope, EventData
from services.dossier.consumers.tools import Tools
from services.dossier.use_cases.record_payment_revived import record_payment_revived


class PaymentRevived(EventData):
    """What we read of payment.revived.v1."""

    payment_intent_id: UUID
    expires_at: datetime


async def on_payment_revived(event: Envelope[PaymentRevived], tools: Tools) -> None:
    await record_payment_revived(
        event.data.payment_intent_id,
        until=event.data.expires_at,
        caused_by=event.id,
        uow=tools.uow(),
    )
