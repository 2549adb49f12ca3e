from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from chassis.duties import Reach
from chassis.schemas import PageSize
from services.payment.api.csv_rows import CSV, attachment, csv_row
from services.payment.api.dependencies import ToolsDep
from services.payment.api.ledger.cursors import read_cursor
from services.payment.api.ledger.dependencies import LedgerReachDep, Since, Until, period_of
from services.payment.api.ledger.schemas import EntryBody, StatementBody
from services.payment.domain.errors import NotYourAgency
from services.payment.domain.ledger.accounts import account
from services.payment.domain.ledger.books import Book
from services.payment.ports.ledger import EntryKey, Folio
from services.payment.use_cases.ledger.get_statement import get_statement, stream_entries

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])
COLUMNS = tuple(EntryBody.model_fields)

AgencyCode = Annotated[str, Path(max_length=50)]
EntryCursor = Annotated[str | None, Query(max_length=120)]


@router.get("/statements/{agency}")
async def get_agency_statement(
    agency: AgencyCode,
    reach: LedgerReachDep,
    tools: ToolsDep,
    since: Since = None,
    until: Until = None,
    cursor: EntryCursor = None,
    limit: PageSize = 50,
) -> StatementBody:
    """An agency's accounts over a period, and their entries, the earliest first."""
    return StatementBody.of(
        await get_statement(
            _agency(agency, reach),
            period=period_of(since, until, clock=tools.clock),
            after=_after(cursor),
            limit=limit,
            reading=tools.open_reading(),
        )
    )


@router.get("/statements/{agency}/csv", response_class=Response, responses=CSV)
async def get_agency_statement_csv(
    agency: AgencyCode,
    reach: LedgerReachDep,
    tools: ToolsDep,
    since: Since = None,
    until: Until = None,
) -> StreamingResponse:
    """The same entries as a file for spreadsheets: all of the period, sent as they are read."""
    folio = _agency(agency, reach)
    period = period_of(since, until, clock=tools.clock)

    async def rows() -> AsyncIterator[str]:
        yield csv_row(COLUMNS, first=True)
        async for part in stream_entries(folio, period=period, open_reading=tools.open_reading):
            yield "".join(csv_row(EntryBody.of(one).model_dump().values()) for one in part)

    return attachment(rows(), name=f"so-cai-{agency}-{period.since}-{period.until}.csv")


@router.get("/entries")
async def get_account_entries(
    account_name: Annotated[str, Query(alias="account", max_length=120)],
    reach: LedgerReachDep,
    tools: ToolsDep,
    currency: Annotated[str, Query(pattern="^[A-Z]{3}$")] = "VND",
    since: Since = None,
    until: Until = None,
    cursor: EntryCursor = None,
    limit: PageSize = 50,
) -> StatementBody:
    """One account over a period, and its entries, the earliest first."""
    wanted = account(account_name)
    if not reach.covers(client_id=None, agency_code=wanted.agency_code):
        raise NotYourAgency
    return StatementBody.of(
        await get_statement(
            Folio(book=Book(wanted.name, currency)),
            period=period_of(since, until, clock=tools.clock),
            after=_after(cursor),
            limit=limit,
            reading=tools.open_reading(),
        )
    )


def _agency(code: str, reach: Reach) -> Folio:
    if not reach.covers(client_id=None, agency_code=code):
        raise NotYourAgency
    return Folio(agencies=frozenset({code}))


def _after(cursor: str | None) -> EntryKey | None:
    return None if cursor is None else read_cursor(cursor)
