"""A settlement file of what was played, with whatever should be wrong in it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from chassis.clock import vietnam_date
from chassis.errors import Invalid
from deploy.sandbox_providers.book import Book
from deploy.sandbox_providers.order import CURRENCY, OrderStatus, wrong_amount

COLUMNS: Final = (
    "provider_reference",
    "order_reference",
    "memo",
    "amount",
    "currency",
    "status",
    "type",
    "moved_at",
)
LISTED_MAX: Final = 100_000


class Plant(StrEnum):
    """MISSING leaves the first row out, WRONG spoils an amount, DOUBLE repeats the last row."""

    MISSING = "missing"
    EXTRA = "extra"
    WRONG = "wrong"
    DOUBLE = "double"


class UnknownPlant(Invalid):
    code = "unknown_plant"

    def __init__(self) -> None:
        super().__init__(
            f"What can be planted is {', '.join(Plant)}.", vi="Không biết loại sai lệch này."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    provider_reference: str
    order_reference: str
    memo: str
    amount: int
    kind: str
    moved_at: datetime
    status: str = "succeeded"


def plants(text: str) -> frozenset[Plant]:
    try:
        return frozenset(Plant(one) for one in text.split(",") if one)
    except ValueError:
        raise UnknownPlant from None


def moved_on(book: Book, provider: str, on: date) -> Sequence[Moved]:
    """What a played provider collected and gave back on a day in Vietnam."""
    paid = [
        Moved(
            provider_reference=order.provider_reference,
            order_reference=order.order_reference,
            memo=order.description,
            amount=order.paid_amount,
            kind="payment",
            moved_at=order.paid_at,
        )
        for order in book.list_orders(provider, limit=LISTED_MAX)
        if order.status is OrderStatus.PAID and order.paid_at is not None
    ]
    refunded = [
        Moved(
            provider_reference=refund.provider_reference or refund.refund_reference,
            order_reference=refund.refund_reference,
            memo="",
            amount=refund.amount,
            kind="refund",
            moved_at=refund.made_at,
        )
        for refund in book.list_refunds(provider, limit=LISTED_MAX)
        if refund.status not in ("refused", "pending")
    ]
    return [one for one in (*paid, *refunded) if vietnam_date(one.moved_at) == on]


def settlement_csv(moved: Sequence[Moved], planted: frozenset[Plant], *, on: date) -> bytes:
    rows = [_row(one) for one in moved]
    if Plant.WRONG in planted and rows:
        rows[-1]["amount"] = wrong_amount(int(rows[-1]["amount"]))
    if Plant.DOUBLE in planted and rows:
        rows.append(dict(rows[-1]))
    if Plant.MISSING in planted:
        rows = rows[1:]
    if Plant.EXTRA in planted:
        rows.append(
            {
                "provider_reference": f"EXTRA{on:%Y%m%d}",
                "amount": 99_000,
                "currency": CURRENCY,
                "status": "succeeded",
                "type": "payment",
                "moved_at": f"{on.isoformat()}T12:00:00+07:00",
            }
        )
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _row(one: Moved) -> dict[str, str | int]:
    return {
        "provider_reference": one.provider_reference,
        "order_reference": one.order_reference,
        "memo": one.memo,
        "amount": one.amount,
        "currency": CURRENCY,
        "status": one.status,
        "type": one.kind,
        "moved_at": one.moved_at.isoformat(),
    }
