from datetime import datetime
from uuid import UUID

from chassis.events import Envelope, EventData
from services.dossier.consumers.tools import Tools
from services.dossier.domain.fee_request import PaymentCode
from services.dossier.use_cases.record_payment_opened import record_payment_opened


class PaymentOpened(EventData):
    """What we read of payment.opened.v1."""

    payment_intent_id: UUID
    bill_reference: str
    qr_payload: str
    expires_at: datetime


async def on_payment_opened(event: Envelope[PaymentOpened], tools: Tools) -> None:
    data = event.data
    code = PaymentCode(
        bill_reference=data.bill_reference, qr_payload=data.qr_payload, expires_at=data.expires_at
    )
    await record_payment_opened(
        data.payment_intent_id, code=code, caused_by=event.id, uow=tools.uow()
    )
