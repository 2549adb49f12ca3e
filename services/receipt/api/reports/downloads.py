"""Many receipts' files at once. Each part is fetched by itself, again if the line broke."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import CallerDep, require
from chassis.canonical import sha256_hex
from chassis.duties import Reach
from chassis.http import IdempotencyKey
from chassis.idempotency import fingerprint
from services.receipt.api.dependencies import READ
from services.receipt.api.reports.tools import ReportToolsDep
from services.receipt.domain.receipts.fee import Kind
from services.receipt.domain.reports.download import Download, DownloadState
from services.receipt.domain.reports.period import Days
from services.receipt.ports.reports import ReceiptFilter
from services.receipt.use_cases.reports.downloads import (
    Asked,
    ask_for_download,
    get_download,
    get_part,
    get_print,
)
from services.receipt.use_cases.reports.read_reports import require_reach

router = APIRouter(prefix="/v1/receipt-downloads", tags=["receipt-reports"])


class DownloadRequest(BaseModel):
    """`pdf`: the pages as well as the signed originals; they are what `prints` binds."""

    model_config = ConfigDict(extra="forbid")

    agency_code: str = Field(min_length=1, max_length=32)
    first_day: date
    last_day: date
    kind: Kind | None = None
    symbol: str | None = Field(default=None, max_length=25)
    pdf: bool = False


class DownloadBody(BaseModel):
    id: UUID
    state: DownloadState
    receipts: int
    done: int
    parts: int
    pdf: bool
    asked_at: datetime

    @classmethod
    def of(cls, download: Download) -> Self:
        return cls(
            id=download.id,
            state=download.state,
            receipts=len(download.receipts),
            done=download.done,
            parts=download.parts,
            pdf=download.pdf,
            asked_at=download.asked_at,
        )


@router.post("", status_code=status.HTTP_202_ACCEPTED)
async def post_receipt_download(
    body: DownloadRequest, idempotency_key: IdempotencyKey, caller: CallerDep, tools: ReportToolsDep
) -> DownloadBody:
    """The receipts are those of this moment. Ask for its state until it is `ready`."""
    require(caller, READ)
    require_reach(Reach.of_officer(caller), body.agency_code)
    asked = Asked(
        by=caller.subject,
        idempotency_key=idempotency_key,
        fingerprint=fingerprint(body),
        pdf=body.pdf,
        wanted=ReceiptFilter(
            agencies=frozenset({body.agency_code}),
            days=Days(body.first_day, body.last_day),
            kind=body.kind,
            symbol=body.symbol,
        ),
    )
    download = await ask_for_download(
        asked,
        open_reporting=tools.books.open_reporting,
        clock=tools.books.clock,
        ids=tools.ids,
    )
    return DownloadBody.of(download)


@router.get("/{download_id}")
async def get_receipt_download(
    download_id: UUID, caller: CallerDep, tools: ReportToolsDep
) -> DownloadBody:
    require(caller, READ)
    Reach.of_officer(caller)
    download = await get_download(download_id, by=caller.subject, open_reporting=tools.open_reading)
    return DownloadBody.of(download)


@router.get(
    "/{download_id}/parts/{number}",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
async def get_receipt_download_part(
    download_id: UUID, number: int, request: Request, caller: CallerDep, tools: ReportToolsDep
) -> Response:
    """A ZIP of whole receipts with a manifest of names and digests; always the same bytes."""
    require(caller, READ)
    Reach.of_officer(caller)
    download = await get_download(download_id, by=caller.subject, open_reporting=tools.open_reading)
    packed = await get_part(download, number, packer=tools.packer, tools=tools.packing)
    name = f"bien-lai-{download.asked_at:%Y%m%d}-{number:03d}.zip"
    return _given(request, packed, name=name, media_type="application/zip")


@router.get(
    "/{download_id}/prints/{number}",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
async def get_receipt_download_print(
    download_id: UUID, number: int, request: Request, caller: CallerDep, tools: ReportToolsDep
) -> Response:
    """The pages of a part behind a cover, for a printer: a conversion to paper, which carries no
    signature. Only of a download that was asked for with `pdf`; always the same bytes."""
    require(caller, READ)
    Reach.of_officer(caller)
    download = await get_download(download_id, by=caller.subject, open_reporting=tools.open_reading)
    bound = await get_print(download, number, binder=tools.binder, tools=tools.packing)
    name = f"ban-in-bien-lai-{download.asked_at:%Y%m%d}-{number:03d}.pdf"
    return _given(request, bound, name=name, media_type="application/pdf")


def _given(request: Request, content: bytes, *, name: str, media_type: str) -> Response:
    etag = f'"{sha256_hex(content)}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
