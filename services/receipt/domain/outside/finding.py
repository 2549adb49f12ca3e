"""What does not fit between our books and an outside issuer's: work for an accountant."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID


class FindingReason(StrEnum):
    REFUSED = "refused"
    AMOUNT_DIFFERS = "amount_differs"
    NUMBER_DIFFERS = "number_differs"
    NUMBER_TOLD_TWICE = "number_told_twice"
    NUMBER_MISSING = "number_missing"
    NOT_KNOWN_THERE = "not_known_there"
    VOID_THERE = "void_there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`subject` is the key or the numbers it is about: one stays open once, however often seen."""

    id: UUID
    issuer: str
    reason: FindingReason
    subject: str
    detail: str
    found_at: datetime
    agency_code: str | None = None
    issue_id: UUID | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str | None = None

    def close(self, *, at: datetime, by: str, note: str | None = None) -> Self:
        return replace(self, closed_at=at, closed_by=by, note=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Numbers between two that we were told, that nobody told us."""

    form_code: str
    symbol: str
    first: int
    last: int

    @property
    def subject(self) -> str:
        return f"{self.form_code};{self.symbol};{self.first}-{self.last}"
