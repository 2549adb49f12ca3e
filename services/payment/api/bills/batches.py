"""Bills in bulk: a file goes in, and a result comes out for each of its lines."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import StreamingResponse

from chassis.auth import CallerDep
from chassis.errors import Malformed
from chassis.http import IdempotencyKey
from chassis.schemas import Page, PageSize
from services.payment.api.bills.batch_schemas import BatchLineBody, BillBatchBody
from services.payment.api.bills.billers import biller_of, evidence_of
from services.payment.api.bills.results_csv import results_csv
from services.payment.api.dependencies import READ_SCOPE, Cursor, ToolsDep
from services.payment.domain.bills.batch import Result
from services.payment.use_cases.bills.cancel_batch import cancel_batch
from services.payment.use_cases.bills.look_at_batches import (
    each_batch_line,
    get_batch,
    list_batch_lines,
    list_batches,
)
from services.payment.use_cases.bills.take_batch import SentFile, take_batch

router = APIRouter(prefix="/v1/bill-batches", tags=["bills"])

CSV: Final = "text/csv"
CSV_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "CSV with a header, UTF-8 or Windows-1258, 32 MiB and 100 000 lines at most",
        "content": {CSV: {"schema": {"type": "string"}}},
    }
}
AfterLine = Annotated[int, Query(ge=0, description="next_cursor of the page before")]


class NotCsv(Malformed):
    code = "not_csv"

    def __init__(self) -> None:
        super().__init__(
            f"The body must be {CSV}.", vi=f"Nội dung phải là tệp CSV ({CSV}).", field="file"
        )


@router.post("", status_code=status.HTTP_202_ACCEPTED, openapi_extra=CSV_BODY)
async def post_bill_batch(
    request: Request, idempotency_key: IdempotencyKey, caller: CallerDep, tools: ToolsDep
) -> BillBatchBody:
    """Send a file of bills to be opened. The same file, or key, again is the same batch."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != CSV:
        raise NotCsv
    file = SentFile(
        client_id=biller_of(caller),
        idempotency_key=idempotency_key,
        evidence_id=evidence_of(caller),
        raw=request.scope["raw_body"],
    )
    return BillBatchBody.of(await take_batch(file, uow=tools.open_uow(), desk=tools.bill_desk))


@router.get("")
async def get_bill_batch_page(
    caller: CallerDep, tools: ToolsDep, cursor: Cursor = None, limit: PageSize = 50
) -> Page[BillBatchBody]:
    """The latest first."""
    found = await list_batches(
        biller_of(caller, scope=READ_SCOPE),
        before=cursor,
        limit=limit + 1,
        reading=tools.open_reading(),
    )
    return Page(
        items=[BillBatchBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/{batch_id}")
async def get_bill_batch(batch_id: UUID, caller: CallerDep, tools: ToolsDep) -> BillBatchBody:
    """How far it has come."""
    client_id = biller_of(caller, scope=READ_SCOPE)
    return BillBatchBody.of(
        await get_batch(batch_id, client_id=client_id, reading=tools.open_reading())
    )


@router.get("/{batch_id}/lines")
async def get_bill_batch_lines(
    batch_id: UUID,
    caller: CallerDep,
    tools: ToolsDep,
    result: Result | None = None,
    cursor: AfterLine = 0,
    limit: PageSize = 50,
) -> Page[BatchLineBody]:
    """In the order of the file; each with its code, or with the reason why it has none."""
    batch = await get_batch(
        batch_id, client_id=biller_of(caller, scope=READ_SCOPE), reading=tools.open_reading()
    )
    found = await list_batch_lines(
        batch, result=result, after=cursor, limit=limit + 1, reading=tools.open_reading()
    )
    return Page(
        items=[BatchLineBody.of(one, public_origin=tools.public_origin) for one in found[:limit]],
        next_cursor=str(found[limit - 1].number) if len(found) > limit else None,
    )


@router.get(
    "/{batch_id}/results.csv",
    response_class=StreamingResponse,
    responses={status.HTTP_200_OK: {"content": {CSV: {}}}},
)
async def get_bill_batch_results(
    batch_id: UUID, caller: CallerDep, tools: ToolsDep
) -> StreamingResponse:
    """All lines as one file, for whoever prints the bills."""
    batch = await get_batch(
        batch_id, client_id=biller_of(caller, scope=READ_SCOPE), reading=tools.open_reading()
    )
    lines = each_batch_line(batch, open_reading=tools.open_reading)
    return StreamingResponse(
        results_csv(lines, public_origin=tools.public_origin),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="ket-qua-{batch.id}.csv"'},
    )


@router.post("/{batch_id}/cancellation", status_code=status.HTTP_202_ACCEPTED)
async def post_bill_batch_cancellation(
    batch_id: UUID, caller: CallerDep, tools: ToolsDep
) -> BillBatchBody:
    """Open nothing more, and cancel what is not paid. Saying it twice changes nothing."""
    return BillBatchBody.of(
        await cancel_batch(batch_id, client_id=biller_of(caller), uow=tools.open_uow())
    )
