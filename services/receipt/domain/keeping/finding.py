"""What does not fit between the database, the vault and the digests: work for an accountant."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from services.receipt.domain.receipts.receipt import Form


class KeepingReason(StrEnum):
    MISSING_IN_VAULT = "missing_in_vault"
    CHANGED_IN_VAULT = "changed_in_vault"
    MISSING_IN_DATABASE = "missing_in_database"
    CHANGED_IN_DATABASE = "changed_in_database"
    # The digests that stand in different places are not the same one.
    DIGESTS_DIFFER = "digests_differ"
    UNKNOWN_IN_VAULT = "unknown_in_vault"


IN_DATABASE: Final = frozenset(
    {KeepingReason.MISSING_IN_DATABASE, KeepingReason.CHANGED_IN_DATABASE}
)
IN_VAULT: Final = frozenset({KeepingReason.MISSING_IN_VAULT, KeepingReason.CHANGED_IN_VAULT})


class KeepingState(StrEnum):
    OPEN = "open"
    # The wrong bytes were replaced by right ones; somebody should still ask how it came.
    REPAIRED = "repaired"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingFinding:
    id: UUID
    reason: KeepingReason
    sha256: str
    detail: str
    found_at: datetime
    receipt_id: UUID | None = None
    form: Form | None = None
    agency_code: str | None = None
    repaired_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str | None = None

    @property
    def state(self) -> KeepingState:
        if self.closed_at is not None:
            return KeepingState.CLOSED
        return KeepingState.OPEN if self.repaired_at is None else KeepingState.REPAIRED

    def close(self, *, at: datetime, by: str, note: str) -> Self:
        return replace(self, closed_at=at, closed_by=by, note=note)
