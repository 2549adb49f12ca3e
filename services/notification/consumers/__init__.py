"""The table of events this service hears."""

from chassis.consuming import Consumers
from chassis.events import Envelope
from services.notification.consumers.client_events import on_client_event
from services.notification.consumers.facts import (
    BillBatchCompleted,
    DiscrepancyFound,
    DossierStateChanged,
    PaymentCancelled,
    PaymentExpired,
    PaymentRevived,
    PaymentSucceeded,
    ReceiptCancelled,
    ReceiptCorrected,
    ReceiptIssued,
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
)
from services.notification.consumers.receipt_issued import (
    on_receipt_adjusted,
    on_receipt_issued,
    on_receipt_replaced,
)
from services.notification.consumers.tools import Tools

CONSUMERS = Consumers[Tools](service="notification")
CONSUMERS.on(
    "payment.succeeded.v1", Envelope[PaymentSucceeded], on_client_event, producer="payment"
)
CONSUMERS.on("payment.expired.v1", Envelope[PaymentExpired], on_client_event, producer="payment")
CONSUMERS.on(
    "payment.cancelled.v1", Envelope[PaymentCancelled], on_client_event, producer="payment"
)
CONSUMERS.on("payment.revived.v1", Envelope[PaymentRevived], on_client_event, producer="payment")
CONSUMERS.on(
    "payment.discrepancy_found.v1", Envelope[DiscrepancyFound], on_client_event, producer="payment"
)
CONSUMERS.on(
    "bill_batch.completed.v1", Envelope[BillBatchCompleted], on_client_event, producer="payment"
)
CONSUMERS.on("receipt.issued.v1", Envelope[ReceiptIssued], on_receipt_issued, producer="receipt")
CONSUMERS.on(
    "receipt.replaced.v1", Envelope[ReceiptCorrected], on_receipt_replaced, producer="receipt"
)
CONSUMERS.on(
    "receipt.adjusted.v1", Envelope[ReceiptCorrected], on_receipt_adjusted, producer="receipt"
)
CONSUMERS.on(
    "receipt.cancelled.v1", Envelope[ReceiptCancelled], on_client_event, producer="receipt"
)
CONSUMERS.on(
    "dossier.state_changed.v1", Envelope[DossierStateChanged], on_client_event, producer="dossier"
)
CONSUMERS.on("refund.requested.v1", Envelope[RefundRequested], on_client_event, producer="payment")
CONSUMERS.on("refund.succeeded.v1", Envelope[RefundSucceeded], on_client_event, producer="payment")
CONSUMERS.on("refund.failed.v1", Envelope[RefundFailed], on_client_event, producer="payment")
