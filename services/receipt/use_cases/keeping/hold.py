"""Holds: placed by one person, released by another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import OnDuty, Reach, require_another_person
from chassis.ids import Ids
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.keeping.errors import HoldNamesNothing, LegalHoldNotFound
from services.receipt.domain.keeping.hold import LegalHold
from services.receipt.ports.keeping import HoldFilter, OpenKeeping
from services.receipt.ports.receipts import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedHold:
    """A receipt alone, or an agency with a first day."""

    by: str
    reason: str
    receipt_id: UUID | None = None
    agency_code: str | None = None
    from_day: date | None = None
    to_day: date | None = None

    def require_one_subject(self) -> None:
        of_days = (self.agency_code, self.from_day)
        named = [one for one in of_days if one is not None]
        backwards = self.from_day and self.to_day and self.to_day < self.from_day
        of_receipt = self.receipt_id is not None and not named and self.to_day is None
        if backwards or not (of_receipt or (self.receipt_id is None and len(named) == 2)):
            raise HoldNamesNothing


async def place_hold(
    wanted: WantedHold,
    *,
    reach: Reach,
    archive: Archive,
    open_keeping: OpenKeeping,
    clock: Clock,
    ids: Ids,
) -> LegalHold:
    """Once this is answered nothing it covers will be removed; what was decided before and is not
    done is undone."""
    wanted.require_one_subject()
    agency = wanted.agency_code
    if wanted.receipt_id is not None:
        receipt = await archive.find(wanted.receipt_id)
        agency = receipt.number.series.agency_code if receipt else None
    if agency is None or not reach.covers(client_id=None, agency_code=agency):
        raise ReceiptNotFound
    hold = LegalHold(
        id=ids.new(),
        agency_code=agency,
        reason=wanted.reason,
        placed_by=wanted.by,
        placed_at=clock.now(),
        receipt_id=wanted.receipt_id,
        from_day=wanted.from_day,
        to_day=wanted.to_day,
    )
    async with open_keeping() as keeping:
        await keeping.holds.close_gate()
        await keeping.holds.add(hold)
        await keeping.kept.undo_removals(hold)
    return hold


async def release_hold(
    hold_id: UUID, *, by: OnDuty, note: str, reach: Reach, open_keeping: OpenKeeping, clock: Clock
) -> LegalHold:
    """By somebody else than who placed it. Released twice, the first word stands; other holds on
    the same receipts go on."""
    async with open_keeping() as keeping:
        hold = await keeping.holds.get_for_update(hold_id)
        if not reach.covers(client_id=None, agency_code=hold.agency_code):
            raise LegalHoldNotFound
        if hold.released_at is not None:
            return hold
        require_another_person(asked_by=hold.placed_by, decided_by=by)
        released = hold.release(by=by.subject, at=clock.now(), note=note)
        await keeping.holds.save_released(released)
        return released


async def list_holds(wanted: HoldFilter, *, open_keeping: OpenKeeping) -> Sequence[LegalHold]:
    async with open_keeping() as keeping:
        return await keeping.holds.list_page(wanted)
