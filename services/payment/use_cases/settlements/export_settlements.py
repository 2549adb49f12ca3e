"""Tables for accountants: read page by page, so that none of them is ever held whole."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.payment.domain.settlements.difference import Difference
from services.payment.domain.settlements.remittance import RemittanceStatus
from services.payment.domain.settlements.row import StoredRow
from services.payment.ports.settlements import DifferenceFilter
from services.payment.ports.unit_of_work import Reading

PAGE: Final = 1000
Cells = Sequence[str | int | None]
OpenReading = Callable[[], Reading]


class Export(StrEnum):
    ROWS = "rows"
    DIFFERENCES = "differences"
    DAYS = "days"
    REMITTANCES = "remittances"


COLUMNS: Final[dict[Export, tuple[str, ...]]] = {
    Export.ROWS: (
        "file_id",
        "line",
        "movement",
        "provider_reference",
        "order_reference",
        "bill_reference",
        "amount",
        "currency",
        "fee",
        "status",
        "moved_at",
        "state",
        "matched_kind",
        "matched_id",
        "open_case",
    ),
    Export.DIFFERENCES: (
        "id",
        "provider",
        "on",
        "kind",
        "state",
        "provider_reference",
        "agency_code",
        "theirs_amount",
        "theirs_currency",
        "theirs_status",
        "theirs_fee",
        "ours_kind",
        "ours_id",
        "ours_amount",
        "ours_currency",
        "ours_status",
        "ours_fee",
        "file_id",
        "line",
        "owner_role",
        "found_at",
        "due_at",
    ),
    Export.DAYS: (
        "provider",
        "on",
        "payments",
        "payments_amount",
        "refunds",
        "refunds_amount",
        "fees",
        "currency",
        "differences_signed_off",
        "closed_by",
        "closed_at",
    ),
    Export.REMITTANCES: (
        "id",
        "agency_code",
        "kind",
        "number",
        "amount",
        "currency",
        "status",
        "drafted_by",
        "drafted_at",
        "treasury_reference",
    ),
}


async def export_rows(
    provider: str, on: date, *, open_reading: OpenReading
) -> AsyncIterator[Cells]:
    after: tuple[UUID, int] | None = None
    while True:
        async with open_reading() as reading:
            page = await reading.settlement_rows.list_of_day(provider, on, after=after, limit=PAGE)
        for one in page:
            yield _row_cells(one)
        if len(page) < PAGE:
            return
        after = page[-1].file_id, page[-1].row.line


async def export_differences(
    wanted: DifferenceFilter, *, open_reading: OpenReading
) -> AsyncIterator[Cells]:
    before: UUID | None = None
    while True:
        async with open_reading() as reading:
            page = await reading.settlement_differences.list_page(wanted, before=before, limit=PAGE)
        for one in page:
            yield _difference_cells(one)
        if len(page) < PAGE:
            return
        before = page[-1].id


async def export_days(provider: str | None, *, open_reading: OpenReading) -> AsyncIterator[Cells]:
    before: UUID | None = None
    while True:
        async with open_reading() as reading:
            page = await reading.settlement_days.list_page(
                provider=provider, before=before, limit=PAGE
            )
        for one in page:
            yield (
                one.provider,
                one.on.isoformat(),
                one.totals.payments,
                one.totals.payments_minor_units,
                one.totals.refunds,
                one.totals.refunds_minor_units,
                one.totals.fees_minor_units,
                one.totals.currency,
                one.differences_signed_off,
                one.closed_by,
                one.closed_at.isoformat(),
            )
        if len(page) < PAGE:
            return
        before = page[-1].id


async def export_remittances(
    agencies: frozenset[str] | None, *, open_reading: OpenReading
) -> AsyncIterator[Cells]:
    before: UUID | None = None
    while True:
        async with open_reading() as reading:
            page = await reading.remittances.list_page(
                agencies=agencies, status=None, before=before, limit=PAGE
            )
        for one in page:
            drafted = one.done[RemittanceStatus.DRAFTED]
            yield (
                str(one.id),
                one.agency_code,
                one.kind,
                one.number,
                one.amount.minor_units,
                one.amount.currency,
                one.status,
                drafted.by,
                drafted.at.isoformat(),
                one.treasury_reference,
            )
        if len(page) < PAGE:
            return
        before = page[-1].id


def _row_cells(one: StoredRow) -> Cells:
    row = one.row
    return (
        str(one.file_id),
        row.line,
        row.movement,
        row.provider_reference,
        row.order_reference,
        row.bill_reference,
        row.amount.minor_units,
        row.amount.currency,
        row.fee,
        row.status,
        row.moved_at.isoformat(),
        one.state,
        one.matched_kind,
        str(one.matched_id) if one.matched_id else None,
        one.open_case,
    )


def _difference_cells(one: Difference) -> Cells:
    subject, theirs, ours = one.subject, one.theirs, one.ours
    return (
        str(one.id),
        subject.provider,
        subject.on.isoformat(),
        one.kind,
        one.state,
        subject.provider_reference,
        subject.agency_code,
        theirs.amount,
        theirs.currency,
        theirs.status,
        theirs.fee,
        subject.ours_kind,
        str(subject.ours_id) if subject.ours_id else None,
        ours.amount,
        ours.currency,
        ours.status,
        ours.fee,
        str(subject.file_id) if subject.file_id else None,
        subject.line,
        one.owner_role,
        one.found_at.isoformat(),
        one.due_at.isoformat(),
    )
