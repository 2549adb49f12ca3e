from typing import Final

from chassis.consuming import Consumers
from chassis.events import Envelope
from services.dossier.consumers.agency_published import AgencyPublished, on_agency_published
from services.dossier.consumers.fee_schedule_published import (
    FeeSchedulePublished,
    on_fee_schedule_published,
)
from services.dossier.consumers.payment_cancelled import PaymentCancelled, on_payment_cancelled
from services.dossier.consumers.payment_expired import PaymentExpired, on_payment_expired
from services.dossier.consumers.payment_opened import PaymentOpened, on_payment_opened
from services.dossier.consumers.payment_revived import PaymentRevived, on_payment_revived
from services.dossier.consumers.payment_succeeded import PaymentSucceeded, on_payment_succeeded
from services.dossier.consumers.procedure_published import (
    ProcedurePublished,
    on_procedure_published,
)
from services.dossier.consumers.receipt_issued import (
    ReceiptAdjusted,
    ReceiptCancelled,
    ReceiptIssued,
    ReceiptReplaced,
    on_receipt_adjusted,
    on_receipt_cancelled,
    on_receipt_issued,
    on_receipt_replaced,
)
from services.dossier.consumers.refunds import (
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
    on_refund_failed,
    on_refund_requested,
    on_refund_succeeded,
)
from services.dossier.consumers.tools import Tools

CONSUMERS: Final = Consumers[Tools](service="dossier")
CONSUMERS.on(
    "agency.published.v1", Envelope[AgencyPublished], on_agency_published, producer="catalog"
)
CONSUMERS.on(
    "procedure.published.v1",
    Envelope[ProcedurePublished],
    on_procedure_published,
    producer="catalog",
)
CONSUMERS.on(
    "fee_schedule.published.v1",
    Envelope[FeeSchedulePublished],
    on_fee_schedule_published,
    producer="catalog",
)
CONSUMERS.on("payment.opened.v1", Envelope[PaymentOpened], on_payment_opened, producer="payment")
CONSUMERS.on(
    "payment.succeeded.v1", Envelope[PaymentSucceeded], on_payment_succeeded, producer="payment"
)
CONSUMERS.on("payment.expired.v1", Envelope[PaymentExpired], on_payment_expired, producer="payment")
CONSUMERS.on("receipt.issued.v1", Envelope[ReceiptIssued], on_receipt_issued, producer="receipt")
CONSUMERS.on(
    "receipt.replaced.v1", Envelope[ReceiptReplaced], on_receipt_replaced, producer="receipt"
)
CONSUMERS.on(
    "receipt.adjusted.v1", Envelope[ReceiptAdjusted], on_receipt_adjusted, producer="receipt"
)
CONSUMERS.on(
    "receipt.cancelled.v1", Envelope[ReceiptCancelled], on_receipt_cancelled, producer="receipt"
)
CONSUMERS.on(
    "payment.cancelled.v1", Envelope[PaymentCancelled], on_payment_cancelled, producer="payment"
)
CONSUMERS.on("payment.revived.v1", Envelope[PaymentRevived], on_payment_revived, producer="payment")
CONSUMERS.on(
    "refund.requested.v1", Envelope[RefundRequested], on_refund_requested, producer="payment"
)
CONSUMERS.on(
    "refund.succeeded.v1", Envelope[RefundSucceeded], on_refund_succeeded, producer="payment"
)
CONSUMERS.on("refund.failed.v1", Envelope[RefundFailed], on_refund_failed, producer="payment")
