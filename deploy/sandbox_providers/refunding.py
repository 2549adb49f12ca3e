"""What a played provider does when it is told to pay back: once for each name of a refund."""

from dataclasses import replace
from typing import Final

from deploy.sandbox_providers.order import (
    OrderStatus,
    RefundBehaviour,
    SandboxOrder,
    SandboxRefund,
)
from deploy.sandbox_providers.player import Desk

SUCCEEDED: Final = "succeeded"
PENDING: Final = "pending"
# The book counts everything else as gone or going back.
REFUSED: Final = "refused"


class NotAnswered(Exception):
    """The caller hears nothing of use, whether or not the refund was made."""


def find_paid(desk: Desk, provider_reference: str) -> SandboxOrder | None:
    for order in desk.book.list_orders(desk.name):
        if order.provider_reference == provider_reference and order.status is OrderStatus.PAID:
            return order
    return None


def refund_order(
    desk: Desk, order: SandboxOrder, *, refund_reference: str, amount: int
) -> SandboxRefund:
    """As the order's refund behaviour says; never more than was paid. Raises NotAnswered."""
    behaviour = order.refund_behaviour
    if behaviour is RefundBehaviour.DEAD:
        raise NotAnswered
    refund = desk.book.find_refund(desk.name, refund_reference)
    if refund is None:
        left = order.paid_amount - desk.book.refunded(desk.name, order.order_reference)
        status = PENDING if behaviour is RefundBehaviour.PENDING else SUCCEEDED
        if behaviour is RefundBehaviour.REFUSED or not 0 < amount <= left:
            status = REFUSED
        refund = desk.book.put_refund(
            SandboxRefund(
                provider=desk.name,
                refund_reference=refund_reference,
                order_reference=order.order_reference,
                amount=amount,
                status=status,
                provider_reference=str(desk.ids.new().int % 10**14),
                made_at=desk.clock.now(),
            )
        )
    if behaviour is RefundBehaviour.LOST_ANSWER:
        raise NotAnswered
    return refund


def ask_refund(desk: Desk, refund_reference: str) -> SandboxRefund | None:
    """A refund that was under way is made by the time that somebody asks again."""
    refund = desk.book.find_refund(desk.name, refund_reference)
    if refund is not None and refund.status == PENDING:
        desk.book.put_refund(replace(refund, status=SUCCEEDED))
    return refund
