"""A receipt that somebody else numbers and signs: what we ask for, and where that stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from uuid import UUID, uuid5

from chassis.money import Money
from services.receipt.domain.errors import IllegalTransition
from services.receipt.domain.receipts.fee import FeeLine, Kind, PaidFee, total_of

# Names of what we ask for. The issuers keep them for good, so this never changes.
KEYS: Final = UUID("6b1f6c8e-3d0a-5c57-9b54-0d9a52a0c1f7")
AGAIN_AFTER: Final = timedelta(seconds=1)
AGAIN_AFTER_MAX: Final = timedelta(minutes=5)


class OrderState(StrEnum):
    WAITING = "waiting"
    ASKED = "asked"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DISPUTED = "disputed"
    ISSUED = "issued"


# Not knowing is no refusal: it ends by an answer alone. A refusal, and an answer that contradicts
# what we know, wait for a person; then it is asked anew, under the same key.
ALLOWED: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    OrderState.WAITING: frozenset({OrderState.ASKED}),
    OrderState.ASKED: frozenset(
        {
            OrderState.ASKED,
            OrderState.UNKNOWN,
            OrderState.REFUSED,
            OrderState.DISPUTED,
            OrderState.ISSUED,
        }
    ),
    OrderState.UNKNOWN: frozenset({OrderState.ASKED}),
    OrderState.REFUSED: frozenset({OrderState.WAITING}),
    OrderState.DISPUTED: frozenset({OrderState.WAITING}),
    OrderState.ISSUED: frozenset(),
}


class Wanted(StrEnum):
    """What the issuer is asked to do."""

    ORIGINAL = "original"
    REPLACEMENT = "replacement"
    INCREASE = "increase"
    DECREASE = "decrease"
    INFORMATION = "information"
    CANCELLATION = "cancellation"


class Ended(StrEnum):
    REPLACED = "replaced"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How the issuer calls a receipt. What it did not say is None."""

    form_code: str
    symbol: str
    number: int
    width: int
    issued_at: datetime | None = None
    # The issuer's own secret code for its look-up page.
    their_code: str | None = None
    amount: Money | None = None
    # What became of it at the issuer, whoever asked for that.
    ended: Ended | None = None

    @property
    def printed(self) -> str:
        return f"{self.number:0{self.width}d}"

    @property
    def place(self) -> str:
        return f"{self.form_code};{self.symbol};{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideIssue:
    """`asked_at` is when it was first asked for: the issuer dates the receipt by it, and asking
    again says the very same. `corrects` is the receipt that this is a word about."""

    id: UUID
    issuer: str
    key: str
    wanted: Wanted
    fee: PaidFee
    agency_code: str
    kind: Kind
    part: int
    parts: int
    lines: Sequence[FeeLine]
    payer_sealed: str
    corrects_id: UUID | None = None
    amendment_id: UUID | None = None
    reason: str | None = None
    state: OrderState = OrderState.WAITING
    tries: int = 0
    due_at: datetime | None = None
    asked_at: datetime | None = None
    refusal: str | None = None
    told: Told | None = None
    receipt_id: UUID | None = None
    ordered_at: datetime

    @property
    def amount(self) -> Money:
        return total_of(self.lines)

    @property
    def asked_before(self) -> bool:
        return self.tries > 1

    def ask(self, *, at: datetime, until: datetime) -> Self:
        """Lent to whoever asks, until then; the next one begins by looking whether it is there."""
        return replace(
            self._move_to(OrderState.ASKED),
            tries=self.tries + 1,
            asked_at=self.asked_at or at,
            due_at=until,
        )

    def not_known(self, *, at: datetime) -> Self:
        again = min(AGAIN_AFTER * 2 ** min(self.tries - 1, 10), AGAIN_AFTER_MAX)
        return replace(self._move_to(OrderState.UNKNOWN), due_at=at + again)

    def refuse(self, code: str) -> Self:
        return replace(self._move_to(OrderState.REFUSED), refusal=code, due_at=None)

    def dispute(self, told: Told, code: str) -> Self:
        return replace(self._move_to(OrderState.DISPUTED), told=told, refusal=code, due_at=None)

    def issue(self, told: Told | None, receipt_id: UUID | None) -> Self:
        moved = self._move_to(OrderState.ISSUED)
        return replace(moved, told=told, receipt_id=receipt_id, refusal=None, due_at=None)

    def ask_again(self, *, at: datetime, payer_sealed: str | None = None) -> Self:
        """A person has mended what stood in the way, perhaps the words for who paid."""
        moved = self._move_to(OrderState.WAITING)
        payer = payer_sealed or self.payer_sealed
        return replace(moved, refusal=None, told=None, due_at=at, payer_sealed=payer)

    def _move_to(self, state: OrderState) -> Self:
        if state not in ALLOWED[self.state]:
            raise IllegalTransition(self.id, current=self.state, wanted=state)
        return replace(self, state=state)


def key_of(payment_intent_id: UUID, agency_code: str, kind: Kind) -> str:
    """The same for the same receipt whenever and wherever it is asked for, and nobody else's."""
    return uuid5(KEYS, f"{payment_intent_id}/{agency_code}/{kind}").hex


def key_of_correction(amendment_id: UUID) -> str:
    return uuid5(KEYS, f"amendment/{amendment_id}").hex
