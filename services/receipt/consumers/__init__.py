"""What the receipt house hears."""

from typing import Final

from chassis.consuming import Consumers
from chassis.events import Envelope
from services.receipt.consumers.agency_published import AgencyPublished, on_agency_published
from services.receipt.consumers.payment_succeeded import PaymentSucceeded, on_payment_succeeded
from services.receipt.consumers.refund_succeeded import RefundSucceeded, on_refund_succeeded
from services.receipt.consumers.tools import Tools

CONSUMERS: Final = Consumers[Tools](service="receipt")
CONSUMERS.on(
    "agency.published.v1", Envelope[AgencyPublished], on_agency_published, producer="catalog"
)
CONSUMERS.on(
    "payment.succeeded.v1", Envelope[PaymentSucceeded], on_payment_succeeded, producer="payment"
)
CONSUMERS.on(
    "refund.succeeded.v1", Envelope[RefundSucceeded], on_refund_succeeded, producer="payment"
)
