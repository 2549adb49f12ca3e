"""Something is in dispute: whatever its time says, it may not be removed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """On one receipt, or on all of an agency that are dated from one day to another or no end."""

    id: UUID
    agency_code: str
    reason: str
    placed_by: str
    placed_at: datetime
    receipt_id: UUID | None = None
    from_day: date | None = None
    to_day: date | None = None
    released_by: str | None = None
    released_at: datetime | None = None
    release_note: str | None = None

    def release(self, *, by: str, at: datetime, note: str) -> Self:
        return replace(self, released_by=by, released_at=at, release_note=note)
