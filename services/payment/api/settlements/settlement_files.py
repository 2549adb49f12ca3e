from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from chassis.schemas import Page, PageSize
from services.payment.api.dependencies import Cursor, ToolsDep
from services.payment.api.settlements.access import AccountantOfAllDep, ReaderOfAllDep
from services.payment.api.settlements.schemas import (
    BadLineBody,
    ProviderName,
    SettlementFileBody,
)
from services.payment.domain.settlements.file import Encoding, FileFormat, Period
from services.payment.use_cases.settlements.list_settlement_files import (
    get_settlement_file,
    list_bad_lines,
    list_settlement_files,
)
from services.payment.use_cases.settlements.load_settlement_file import (
    LoadTools,
    Upload,
    load_settlement_file,
)

# The gateway takes no larger one; what is larger is loaded with `lephi settlement load`.
SETTLEMENT_FILE_BYTES_MAX: Final = 8 * 1024 * 1024
PART_BYTES: Final = 65536
router = APIRouter(prefix="/v1/settlement-files", tags=["settlements"])


@dataclass(frozen=True, slots=True)
class _Body:
    """What came with a request, in parts."""

    raw: bytes = field(repr=False)

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.raw), PART_BYTES):
            yield self.raw[start : start + PART_BYTES]


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_settlement_file(
    request: Request,
    response: Response,
    caller: AccountantOfAllDep,
    tools: ToolsDep,
    provider: ProviderName,
    name: Annotated[str, Query(min_length=1, max_length=200)],
    format: FileFormat | None = None,  # noqa: A002 (the query's own word)
    encoding: Encoding = Encoding.AUTO,
    signature: Annotated[
        str | None, Query(max_length=1400, description="Detached, in Base64.")
    ] = None,
    period_first: date | None = None,
    period_last: date | None = None,
) -> SettlementFileBody:
    """Load a provider's file; the body is the file, byte for byte.

    The same bytes again change nothing and are answered with 200. Lines that cannot be read are
    kept with their reasons. Without a period, the file is about the days of its rows.
    """
    period = Period(period_first, period_last or period_first) if period_first else None
    loaded = await load_settlement_file(
        Upload(
            provider=provider,
            name=name,
            source=_Body(await request.body()),
            format=format,
            encoding=encoding,
            signature=signature.encode() if signature else None,
            period=period,
            loaded_by=caller.subject,
        ),
        tools=LoadTools(
            readers=tools.settlements.readers,
            agreements=tools.settlements.agreements,
            uow=tools.open_uow(),
            clock=tools.clock,
            ids=tools.ids,
        ),
    )
    if loaded.is_repeat:
        response.status_code = status.HTTP_200_OK
    return SettlementFileBody.of(loaded.file)


@router.get("")
async def get_settlement_file_page(
    _reach: ReaderOfAllDep,
    tools: ToolsDep,
    provider: ProviderName | None = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[SettlementFileBody]:
    """The latest first."""
    found = await list_settlement_files(
        provider, before=cursor, limit=limit + 1, reading=tools.open_reading()
    )
    return Page(
        items=[SettlementFileBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/{file_id}")
async def get_one_settlement_file(
    file_id: UUID, _reach: ReaderOfAllDep, tools: ToolsDep
) -> SettlementFileBody:
    found = await get_settlement_file(file_id, reading=tools.open_reading())
    return SettlementFileBody.of(found)


@router.get("/{file_id}/bad-lines")
async def get_bad_line_page(
    file_id: UUID,
    _reach: ReaderOfAllDep,
    tools: ToolsDep,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1, description="The last line seen.")] = 0,
    limit: PageSize = 50,
) -> Page[BadLineBody]:
    """In the order of the file, each with the reason why it could not be read."""
    found = await list_bad_lines(
        file_id, after=cursor, limit=limit + 1, reading=tools.open_reading()
    )
    return Page(
        items=[BadLineBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].line) if len(found) > limit else None,
    )
