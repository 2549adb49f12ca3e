"""How a row finds what is ours: the table of joins, the surest first. `o` is ours, `r` the row."""

from dataclasses import dataclass
from typing import Final

from services.payment.domain.settlements.difference import OursKind
from services.payment.domain.settlements.row import Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    kind: OursKind
    movement: Movement
    by: str
    join: str
    condition: str


# A case about words alone, or whose money was booked elsewhere since, waits for no row.
HOLDS_MONEY: Final = "o.reason NOT IN ('contradictory_notice', 'unreadable_notice')"
# Our name for a refund is its id, which the two databases keep in different forms.
NAMED_REFUND: Final = "<the refund that the row names>"
REFUND_NAMED_BY: Final = {
    "sqlite": "r.order_reference",
    "postgresql": (
        "CASE WHEN r.order_reference ~ '^[0-9a-f]{32}$' THEN CAST(r.order_reference AS uuid) END"
    ),
}
_PAID: Final = "o.provider = :provider AND o.status = 'succeeded'"
# Paid elsewhere, it is not what this provider speaks of.
_NOT_ELSEWHERE: Final = "(o.provider IS NULL OR o.provider = :provider)"

BY_REFERENCE: Final = (
    Way(
        kind=OursKind.PAYMENT,
        movement=Movement.PAYMENT,
        by="reference",
        join="JOIN payment_intent o ON o.provider_reference = r.provider_reference",
        condition=_PAID,
    ),
    Way(
        kind=OursKind.HELD,
        movement=Movement.PAYMENT,
        by="reference",
        join="JOIN discrepancy o ON o.provider_reference = r.provider_reference",
        condition=f"o.provider = :provider AND {HOLDS_MONEY}",
    ),
    Way(
        kind=OursKind.REFUND,
        movement=Movement.REFUND,
        by="reference",
        join="JOIN refund o ON o.provider_reference = r.provider_reference",
        condition="o.provider = :provider",
    ),
)
BY_NAME: Final = (
    Way(
        kind=OursKind.PAYMENT,
        movement=Movement.PAYMENT,
        by="order",
        join=(
            "JOIN payment_attempt a ON a.provider = r.provider"
            " AND a.order_reference = r.order_reference"
            " JOIN payment_intent o ON o.id = a.payment_intent_id"
        ),
        condition=_NOT_ELSEWHERE,
    ),
    Way(
        kind=OursKind.REFUND,
        movement=Movement.REFUND,
        by="order",
        join=f"JOIN refund o ON o.id = {NAMED_REFUND}",
        condition="o.provider = :provider",
    ),
    Way(
        kind=OursKind.PAYMENT,
        movement=Movement.PAYMENT,
        by="bill",
        join="JOIN payment_intent o ON o.bill_reference = r.bill_reference",
        condition=_NOT_ELSEWHERE,
    ),
)
