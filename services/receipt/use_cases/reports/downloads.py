"""Bulk downloads: named when asked for, made ready by the worker, given out in parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

import structlog

from chassis.clock import Clock
from chassis.errors import Refused
from chassis.idempotency import KeyReused
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.receipts.receipt import Document, Form, Receipt
from services.receipt.domain.reports.download import RECEIPTS_MAX, Download, DownloadState
from services.receipt.domain.reports.errors import (
    DownloadHasNoPages,
    DownloadNotReady,
    ReportNotFound,
    TooManyReceipts,
)
from services.receipt.ports.receipts import Archive
from services.receipt.ports.reports import ReceiptFilter
from services.receipt.ports.signing import PdfSigner
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.receipts.get_document import get_pdf, get_xml
from services.receipt.use_cases.reports.list_entries import OpenReporting

LEASE: Final = timedelta(minutes=2)
SAID_EVERY: Final = 10
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackTools:
    open_reporting: OpenReporting
    open_uow: Callable[[], UnitOfWork]
    archive: Archive
    pages: PdfSigner
    seals: SealingPort
    clock: Clock


class Packer(Protocol):
    async def pack(self, files: Sequence[tuple[Receipt, Document]]) -> bytes:
        """The same files give the same bytes, with a manifest among them."""


class Binder(Protocol):
    async def bind(
        self, files: Sequence[tuple[Receipt, Document]], *, download: Download, number: int
    ) -> bytes:
        """The pages one behind the other; the same files give the same bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    by: str
    idempotency_key: str
    fingerprint: str
    pdf: bool
    wanted: ReceiptFilter


async def ask_for_download(
    asked: Asked, *, open_reporting: OpenReporting, clock: Clock, ids: Ids
) -> Download:
    """The same request under the same key is the same download."""
    async with open_reporting() as reporting:
        before = await reporting.downloads.find_by_key(asked.by, asked.idempotency_key)
        if before is None:
            found = await reporting.entries.list_ids(asked.wanted, limit=RECEIPTS_MAX + 1)
            if len(found) > RECEIPTS_MAX:
                raise TooManyReceipts(RECEIPTS_MAX)
            if not found:
                raise ReceiptNotFound
            made = Download(
                id=ids.new(),
                asked_by=asked.by,
                asked_at=clock.now(),
                idempotency_key=asked.idempotency_key,
                fingerprint=asked.fingerprint,
                pdf=asked.pdf,
                receipts=found,
            )
            if await reporting.downloads.add_once(made):
                return made
            before = await reporting.downloads.find_by_key(asked.by, asked.idempotency_key)
    if before is None or before.fingerprint != asked.fingerprint:
        raise KeyReused
    return before


async def get_download(download_id: UUID, *, by: str, open_reporting: OpenReporting) -> Download:
    """Whoever asked for it, and nobody else."""
    async with open_reporting() as reporting:
        found = await reporting.downloads.find(download_id)
    if found is None or found.asked_by != by:
        raise ReportNotFound
    return found


async def prepare_downloads(*, tools: PackTools) -> int:
    """Make what is still missing of the files; says how many downloads were taken up."""
    now = tools.clock.now()
    async with tools.open_reporting() as reporting:
        claimed = await reporting.downloads.claim_due(now=now, until=now + LEASE)
    if claimed is None:
        return 0
    download = claimed.begun()
    try:
        for done, receipt_id in enumerate(download.receipts, start=1):
            await _files(receipt_id, download, tools)
            if done % SAID_EVERY == 0 or done == len(download.receipts):
                download = download.reached(done)
                await _save(download, tools)
    except Refused as refused:
        log.error("download not ready", download_id=str(download.id), code=refused.code)
        await _save(download.stopped(), tools)
    return 1


async def get_part(download: Download, number: int, *, packer: Packer, tools: PackTools) -> bytes:
    return await packer.pack(await _files_of(download, number, tools))


async def get_print(download: Download, number: int, *, binder: Binder, tools: PackTools) -> bytes:
    """A part as pages for a printer: the same receipts as in the part of files."""
    if not download.pdf:
        raise DownloadHasNoPages
    files = await _files_of(download, number, tools)
    pages = [(receipt, one) for receipt, one in files if one.form is Form.PDF]
    return await binder.bind(pages, download=download, number=number)


async def _files_of(
    download: Download, number: int, tools: PackTools
) -> Sequence[tuple[Receipt, Document]]:
    if download.state is not DownloadState.READY:
        raise DownloadNotReady
    if not 1 <= number <= download.parts:
        raise ReportNotFound
    files: list[tuple[Receipt, Document]] = []
    for receipt_id in download.part(number):
        files += await _files(receipt_id, download, tools)
    return files


async def _files(
    receipt_id: UUID, download: Download, tools: PackTools
) -> Sequence[tuple[Receipt, Document]]:
    receipt = await tools.archive.find(receipt_id)
    if receipt is None:
        raise ReceiptNotFound
    documents = [await get_xml(receipt, archive=tools.archive)]
    if download.pdf:
        documents.append(
            await get_pdf(
                receipt,
                archive=tools.archive,
                uow=tools.open_uow(),
                signer=tools.pages,
                seals=tools.seals,
            )
        )
    return [(receipt, one) for one in documents]


async def _save(download: Download, tools: PackTools) -> None:
    due = tools.clock.now() + LEASE
    async with tools.open_reporting() as reporting:
        await reporting.downloads.save(download, due_at=due)
