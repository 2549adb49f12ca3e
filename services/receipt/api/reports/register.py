"""The list of receipts for accountants and auditors, as pages or as a file."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from chassis.auth import Caller, CallerDep, require
from chassis.duties import Reach
from chassis.schemas import Page, PageSize
from chassis.tables.table import Cell
from services.receipt.api.dependencies import READ
from services.receipt.api.reports.schemas import EntryBody
from services.receipt.api.reports.tools import ReportTools, ReportToolsDep, as_file
from services.receipt.domain.checks.shown_standing import ShownStanding
from services.receipt.domain.receipts.fee import PAYER_PURPOSE, Kind, Payer
from services.receipt.domain.receipts.masking import masked_name
from services.receipt.domain.reports.entry import Entry
from services.receipt.domain.reports.period import Days
from services.receipt.ports.reports import ReceiptFilter
from services.receipt.use_cases.reports.list_entries import each_entry, list_entries
from services.receipt.use_cases.reports.read_reports import require_reach

router = APIRouter(prefix="/v1/receipt-register", tags=["receipt-reports"])

# Whoever keeps the books of an agency knows its payers; an auditor works with initials.
KNOWS_NAMES: Final = "accountant"
COLUMNS: Final = (
    "agency_code",
    "form_code",
    "symbol",
    "number",
    "kind",
    "amount",
    "standing",
    "numbered_at",
    "dossier_code",
    "payer",
    "payment_intent_id",
    "xml_sha256",
)
FileName = Literal["receipts.csv", "receipts.xlsx", "receipts.xml"]


async def _days(
    first: Annotated[date, Query(alias="from")], last: Annotated[date, Query(alias="to")]
) -> Days:
    return Days(first, last)


async def _wanted(
    caller: CallerDep,
    days: Annotated[Days, Depends(_days)],
    agency: Annotated[str | None, Query(max_length=32)] = None,
    kind: Kind | None = None,
    form_code: Annotated[str | None, Query(max_length=20)] = None,
    symbol: Annotated[str | None, Query(max_length=25)] = None,
) -> ReceiptFilter:
    require(caller, READ)
    reach = Reach.of_officer(caller)
    agencies = reach.agencies
    if agency is not None:
        require_reach(reach, agency)
        agencies = frozenset({agency})
    return ReceiptFilter(
        agencies=agencies, days=days, kind=kind, form_code=form_code, symbol=symbol
    )


WantedDep = Annotated[ReceiptFilter, Depends(_wanted)]


@router.get("")
async def get_register(
    wanted: WantedDep,
    caller: CallerDep,
    tools: ReportToolsDep,
    standing: ShownStanding | None = None,
    cursor: UUID | None = None,
    limit: PageSize = 50,
) -> Page[EntryBody]:
    """The latest first. With a standing, a page may hold fewer than asked for and not be the
    last."""
    page = await list_entries(
        wanted,
        standing,
        before=cursor,
        limit=limit,
        open_reporting=tools.open_reading,
    )
    return Page(
        items=[EntryBody.of(one, _payer(one, caller, tools)) for one in page.entries],
        next_cursor=str(page.next) if page.next else None,
    )


@router.get("/{name}", response_class=StreamingResponse)
async def get_register_file(
    name: FileName,
    wanted: WantedDep,
    caller: CallerDep,
    tools: ReportToolsDep,
    standing: ShownStanding | None = None,
) -> StreamingResponse:
    """The whole list as a file, written while it is read."""
    writer = tools.writers[name.partition(".")[2]]
    entries = each_entry(wanted, standing, open_reporting=tools.open_reading)
    rows = _rows(entries, caller, tools)
    return as_file(name, writer.media_type, writer.write(COLUMNS, rows))


async def _rows(
    entries: AsyncIterator[Entry], caller: Caller, tools: ReportTools
) -> AsyncIterator[Sequence[Cell]]:
    async for one in entries:
        yield (
            one.agency_code,
            one.form_code,
            one.symbol,
            one.printed_number,
            one.kind,
            one.amount,
            one.standing.value,
            one.numbered_at.isoformat(),
            one.dossier_code,
            _payer(one, caller, tools),
            str(one.payment_intent_id),
            one.xml_sha256,
        )


def _payer(entry: Entry, caller: Caller, tools: ReportTools) -> str:
    name = Payer.of(tools.seals.unseal(entry.payer_sealed, purpose=PAYER_PURPOSE)).full_name
    return name if caller.roles == {KNOWS_NAMES} else masked_name(name)
