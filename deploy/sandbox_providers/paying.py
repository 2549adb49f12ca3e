"""What a payer does at a played provider: pays, or does not."""

from dataclasses import replace
from datetime import datetime

from deploy.sandbox_providers.order import (
    Behaviour,
    OrderStatus,
    RefundBehaviour,
    SandboxOrder,
    wrong_amount,
)
from deploy.sandbox_providers.player import Desk


def pay_order(
    desk: Desk,
    order_reference: str,
    *,
    amount: int | None = None,
    behaviour: Behaviour = Behaviour.NORMAL,
    refund_behaviour: RefundBehaviour = RefundBehaviour.NORMAL,
) -> SandboxOrder:
    """`amount` stands in for the one that was ordered."""
    order = desk.book.get(desk.name, order_reference)
    paid_amount = amount or order.amount
    if behaviour is Behaviour.WRONG_AMOUNT and amount is None:
        paid_amount = wrong_amount(paid_amount)
    return desk.book.put(
        replace(
            order,
            status=OrderStatus.PAID,
            provider_reference=_reference(desk, order),
            paid_amount=paid_amount,
            paid_at=desk.clock.now(),
            behaviour=behaviour,
            refund_behaviour=refund_behaviour,
        )
    )


def decline_order(
    desk: Desk, order_reference: str, *, behaviour: Behaviour = Behaviour.NORMAL
) -> SandboxOrder:
    order = desk.book.get(desk.name, order_reference)
    return desk.book.put(
        replace(
            order,
            status=OrderStatus.DECLINED,
            provider_reference=_reference(desk, order),
            behaviour=behaviour,
        )
    )


def _reference(desk: Desk, order: SandboxOrder) -> str:
    return order.provider_reference or str(desk.ids.new().int % 10**14)


def is_past(desk: Desk, order: SandboxOrder) -> bool:
    """Whether the provider's page of this order takes nobody any more."""
    until = order.facts.get("expires_at")
    return until is not None and desk.clock.now() >= datetime.fromisoformat(until)
