"""Delegated issue (ủy nhiệm lập biên lai): another body issues an agency's receipts for it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Self
from uuid import UUID

from services.receipt.domain.receipts.fee import Delegate
from services.receipt.domain.series.errors import DelegationTooSoon

# Decree 254/2026, article 25: the tax office is told this long before.
NOTICE: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """In force on each day from `valid_from` to `valid_to`, unless it was ended before."""

    id: UUID
    agency_code: str
    delegate: Delegate
    purpose: str
    notified_on: date
    valid_from: date
    valid_to: date
    added_at: datetime
    added_by: str
    ended_on: date | None = None
    ended_by: str | None = None

    def require_notice(self) -> None:
        earliest = self.notified_on + NOTICE
        if self.valid_from < earliest:
            raise DelegationTooSoon(earliest)

    def end(self, on: date, *, by: str) -> Self:
        """The last day is the day before; ended twice, the first word stands."""
        if self.ended_on is not None:
            return self
        return replace(self, ended_on=on, ended_by=by)
