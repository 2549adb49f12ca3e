from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.receipt.api.outside.schemas import Line
from services.receipt.domain.keeping.finding import KeepingFinding, KeepingReason, KeepingState
from services.receipt.domain.keeping.hold import LegalHold
from services.receipt.domain.receipts.receipt import Form
from services.receipt.ports.keeping import Expired
from services.receipt.use_cases.keeping.hold import WantedHold


class KeepingFindingBody(BaseModel):
    """What did not fit between the database, the vault and the recorded digests."""

    id: UUID
    reason: KeepingReason
    state: KeepingState
    sha256: str
    receipt_id: UUID | None
    form: Form | None
    agency_code: str | None
    detail: str
    found_at: datetime
    repaired_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    note: str | None

    @classmethod
    def of(cls, finding: KeepingFinding) -> Self:
        return cls(
            id=finding.id,
            reason=finding.reason,
            state=finding.state,
            sha256=finding.sha256,
            receipt_id=finding.receipt_id,
            form=finding.form,
            agency_code=finding.agency_code,
            detail=finding.detail,
            found_at=finding.found_at,
            repaired_at=finding.repaired_at,
            closed_at=finding.closed_at,
            closed_by=finding.closed_by,
            note=finding.note,
        )


class PlaceHoldBody(BaseModel):
    """On `receipt_id` alone, or on what `agency_code` dated from `from_day` to `to_day`."""

    model_config = ConfigDict(extra="forbid")

    reason: Line
    receipt_id: UUID | None = None
    agency_code: str | None = Field(default=None, min_length=1, max_length=32)
    from_day: date | None = None
    to_day: date | None = None

    def wanted(self, *, by: str) -> WantedHold:
        return WantedHold(
            by=by,
            reason=self.reason,
            receipt_id=self.receipt_id,
            agency_code=self.agency_code,
            from_day=self.from_day,
            to_day=self.to_day,
        )


class LegalHoldBody(BaseModel):
    """While it is not released nothing that it covers is removed."""

    id: UUID
    agency_code: str
    receipt_id: UUID | None
    from_day: date | None
    to_day: date | None
    reason: str
    placed_by: str
    placed_at: datetime
    released_by: str | None
    released_at: datetime | None
    release_note: str | None

    @classmethod
    def of(cls, hold: LegalHold) -> Self:
        return cls(
            id=hold.id,
            agency_code=hold.agency_code,
            receipt_id=hold.receipt_id,
            from_day=hold.from_day,
            to_day=hold.to_day,
            reason=hold.reason,
            placed_by=hold.placed_by,
            placed_at=hold.placed_at,
            released_by=hold.released_by,
            released_at=hold.released_at,
            release_note=hold.release_note,
        )


class ExpiredBody(BaseModel):
    """A receipt whose time in the vault is over."""

    receipt_id: UUID
    agency_code: str
    keep_until: date
    documents: int
    on_hold: bool

    @classmethod
    def of(cls, expired: Expired) -> Self:
        return cls(
            receipt_id=expired.receipt_id,
            agency_code=expired.agency_code,
            keep_until=expired.keep_until,
            documents=expired.documents,
            on_hold=expired.on_hold,
        )
