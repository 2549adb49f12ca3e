"""The table of events this service hears."""

from chassis.consuming import Consumers
from chassis.events import Envelope
from services.payment.consumers.agency_published import AgencyPublished, on_agency_published
from services.payment.consumers.fee_requested import FeeRequested, on_fee_requested
from services.payment.consumers.maintenance import (
    MaintenanceEnded,
    MaintenanceStarted,
    on_maintenance_ended,
    on_maintenance_started,
)
from services.payment.consumers.payment_intent_confirmed import (
    PaymentIntentConfirmed,
    on_payment_intent_confirmed,
)
from services.payment.consumers.payment_methods import (
    PaymentMethodsPublished,
    on_payment_methods_published,
)
from services.payment.consumers.receipt_issued import ReceiptIssued, on_receipt_issued
from services.payment.consumers.tools import Tools

CONSUMERS = Consumers[Tools](service="payment")
CONSUMERS.on(
    "dossier.fee_requested.v1", Envelope[FeeRequested], on_fee_requested, producer="dossier"
)
CONSUMERS.on(
    "agency.published.v1", Envelope[AgencyPublished], on_agency_published, producer="catalog"
)
CONSUMERS.on(
    "payment_intent.confirmed.v1",
    Envelope[PaymentIntentConfirmed],
    on_payment_intent_confirmed,
    producer="gateway",
)
CONSUMERS.on(
    "maintenance.started.v1",
    Envelope[MaintenanceStarted],
    on_maintenance_started,
    producer="gateway",
)
CONSUMERS.on(
    "maintenance.ended.v1", Envelope[MaintenanceEnded], on_maintenance_ended, producer="gateway"
)
CONSUMERS.on(
    "payment_methods.published.v1",
    Envelope[PaymentMethodsPublished],
    on_payment_methods_published,
    producer="catalog",
)
CONSUMERS.on("receipt.issued.v1", Envelope[ReceiptIssued], on_receipt_issued, producer="receipt")
