"""A drawer of cash for one officer's shift: what should be in it, what was, and who agreed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from chassis.money import Money
from services.payment.domain.counter.errors import ReasonNeeded, ReceivedDiffers, ReservedDrawer
from services.payment.domain.errors import IllegalTransition

# The agency's safe: floats come out of it, and what was counted goes into it.
SAFE: Final = "safe"


class DrawerStatus(StrEnum):
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


# Counting again is a step of its own; every count is kept.
ALLOWED: Final[Mapping[DrawerStatus, frozenset[DrawerStatus]]] = {
    DrawerStatus.OPEN: frozenset({DrawerStatus.CLOSING}),
    DrawerStatus.CLOSING: frozenset({DrawerStatus.CLOSING, DrawerStatus.CLOSED}),
    DrawerStatus.CLOSED: frozenset(),
}


class Difference(StrEnum):
    """How a count compares with what should be there."""

    EXACT = "exact"
    SHORT = "short"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashCount:
    """One count of a drawer by its officer; the last one holds. `taken` is what had come in."""

    drawer_id: UUID
    number: int
    taken: Money
    counted: Money
    reason: str | None
    counted_by: str
    counted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CashDrawer:
    """`officer` and `signed_by` are subjects as the gateway names people."""

    id: UUID
    agency_code: str
    desk: str
    drawer: str
    officer: str
    float_given: Money
    opened_at: datetime
    taken: Money
    payments: int = 0
    status: DrawerStatus = DrawerStatus.OPEN
    last_count: CashCount | None = None
    signed_by: str | None = None
    signed_at: datetime | None = None

    @property
    def expected(self) -> Money:
        return self.float_given + self.taken

    @property
    def difference(self) -> Money | None:
        """Counted less expected: negative when money is missing. None before it was counted."""
        return None if self.last_count is None else self.last_count.counted - self.expected

    @property
    def verdict(self) -> Difference | None:
        difference = self.difference
        if difference is None:
            return None
        if difference.minor_units == 0:
            return Difference.EXACT
        return Difference.SHORT if difference.minor_units < 0 else Difference.OVER

    def check_name(self) -> None:
        if self.drawer.casefold() == SAFE:
            raise ReservedDrawer

    def move_to(self, status: DrawerStatus) -> Self:
        if status not in ALLOWED[self.status]:
            raise IllegalTransition(f"Cash drawer {self.id}", current=self.status, wanted=status)
        return replace(self, status=status)

    def count(self, counted: Money, *, reason: str | None, by: str, at: datetime) -> Self:
        """A difference is never silent: it carries its reason."""
        if counted != self.expected and not (reason and reason.strip()):
            raise ReasonNeeded(self.expected, counted)
        number = 1 if self.last_count is None else self.last_count.number + 1
        count = CashCount(
            drawer_id=self.id,
            number=number,
            taken=self.taken,
            counted=counted,
            reason=reason,
            counted_by=by,
            counted_at=at,
        )
        return replace(self.move_to(DrawerStatus.CLOSING), last_count=count)

    def sign_off(self, received: Money, *, by: str, at: datetime) -> Self:
        """The second person has received exactly what the officer counted."""
        signed = replace(self.move_to(DrawerStatus.CLOSED), signed_by=by, signed_at=at)
        if self.last_count is None or self.last_count.counted != received:
            counted = self.last_count.counted if self.last_count else Money.zero()
            raise ReceivedDiffers(counted, received)
        return signed
