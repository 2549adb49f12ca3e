"""One line of a settlement file: what a provider says it collected, or paid back, and will pay out.

A row that is not matched to a payment, a refund or money that waits on a desk is a difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.money import Money
from services.payment.domain.settlements.difference import DifferenceKind, OursKind


class Movement(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"


class TheirStatus(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PENDING = "pending"


class RowState(StrEnum):
    """What became of a row. DUPLICATE: the same was said before; SUPERSEDED: corrected later."""

    NEW = "new"
    MATCHED = "matched"
    UNMATCHED = "unmatched"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"


# A better match may take a payment from a row that only named its bill.
ALLOWED: Final[Mapping[RowState, frozenset[RowState]]] = {
    RowState.NEW: frozenset({RowState.MATCHED, RowState.UNMATCHED, RowState.DUPLICATE}),
    RowState.MATCHED: frozenset({RowState.UNMATCHED, RowState.SUPERSEDED}),
    RowState.UNMATCHED: frozenset({RowState.MATCHED, RowState.SUPERSEDED}),
    RowState.DUPLICATE: frozenset(),
    RowState.SUPERSEDED: frozenset(),
}


class BadLineReason(StrEnum):
    TOO_LONG = "too_long"
    NOT_TEXT = "not_text"
    NOT_JSON = "not_json"
    WRONG_FIELDS = "wrong_fields"
    NO_REFERENCE = "no_reference"
    BAD_AMOUNT = "bad_amount"
    BAD_CURRENCY = "bad_currency"
    BAD_FEE = "bad_fee"
    BAD_STATUS = "bad_status"
    BAD_MOVEMENT = "bad_movement"
    BAD_TIME = "bad_time"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    WRONG_TOTAL = "wrong_total"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementRow:
    """`bill_reference` is ours, found in whatever text named it; `fee` is what they keep of it."""

    line: int
    movement: Movement
    provider_reference: str
    order_reference: str | None
    bill_reference: str | None
    amount: Money
    fee: int | None
    status: TheirStatus
    moved_at: datetime
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that cannot be read: kept with its reason, while the rest goes on."""

    line: int
    reason: BadLineReason
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """A row with what became of it; `open_case` is a difference of it that still stands."""

    file_id: UUID
    row: SettlementRow
    state: RowState
    matched_kind: OursKind | None
    matched_id: UUID | None
    open_case: DifferenceKind | None
