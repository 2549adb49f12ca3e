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
        condition="o.provider = :provider",
    ),
)
BY_NAME: Final = (
    Way(
        kind=OursKind.PAYMENT,
        movement=Movement.PAYMENT,
        by="bill",
        join="JOIN payment_intent o ON o.bill_reference = r.bill_reference",
        condition=_NOT_ELSEWHERE,
    ),
)
