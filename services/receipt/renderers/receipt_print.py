"""Receipts bound for a printer: the pages of their signed PDFs behind a cover.

No signature survives it, and none is wanted: what is printed is a conversion to paper (NĐ 254/2026
Đ5 k4), and the cover says so. The same receipts give the same bytes.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import structlog
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter

from chassis.typesetting import typeset
from services.receipt.domain.receipts.receipt import Document, Receipt
from services.receipt.domain.reports.download import Download
from services.receipt.renderers.wording import local, shown

TEMPLATE: Final = Path(__file__).with_name("receipt_print.typ")
TITLE: Final = "Bản in gộp biên lai điện tử"
WARNING: Final = (
    "Bản giấy chuyển đổi từ biên lai điện tử, không có chữ ký số và không thay thế bản gốc."
)
REASON: Final = (
    "Bản gốc là tệp XML đã ký số; tra cứu từng biên lai bằng mã QR in trên trang của biên lai đó "
    "(Nghị định số 254/2026/NĐ-CP, Điều 5 khoản 4)."
)
# An outside issuer's file may be of any size and shape: what does not fit is named on the cover.
BYTES_MAX: Final = 64 * 1024 * 1024
PAGES_MAX: Final = 20
DEPTH_MAX: Final = 10
INHERITED: Final = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
# What leads out of a page, or means something only where it was.
LEFT_BEHIND: Final = ("/Parent", "/Annots", "/StructParents", "/Tabs", "/B", "/Metadata", "/AA")
AT_ONCE_MAX: Final = 1
# What pyHanko lets out when a file is not what it says.
UNREADABLE: Final = (
    PdfError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
)
log = structlog.get_logger()
Page = generic.DictionaryObject


class PrintBinder:
    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE_MAX)

    async def bind(
        self, files: Sequence[tuple[Receipt, Document]], *, download: Download, number: int
    ) -> bytes:
        async with self._turn:
            return await asyncio.to_thread(_bind, files, download, number)


class _Bundle(PdfFileWriter):
    """Named by its contents and dateless, where pyHanko would draw lots and ask the machine."""

    def __init__(self, name: bytes) -> None:
        super().__init__(stream_xrefs=True)  # type: ignore[no-untyped-call]
        drawn = generic.ByteStringObject(hashlib.sha256(name).digest()[:16])
        self._document_id = generic.ArrayObject([drawn, drawn])

    def _update_meta(self) -> None:
        """What there is to say stands on the cover."""


def _bind(files: Sequence[tuple[Receipt, Document]], download: Download, number: int) -> bytes:
    bundle = _Bundle("".join(document.sha256 for _receipt, document in files).encode())
    pages: list[Page] = []
    bound, left_out, held = [], [], 0
    for receipt, document in files:
        held += len(document.body)
        try:
            if held > BYTES_MAX:
                raise ValueError("the part is full")
            found = _brought(document.body, bundle)
        except UNREADABLE as error:
            log.warning("a receipt is not bound", receipt_id=str(receipt.id), why=str(error))
            left_out.append(_name(receipt))
            continue
        bound.append(receipt)
        pages += found
    cover = _brought(_cover(bound, left_out, download=download, number=number), bundle)
    for page in (*cover, *pages):
        bundle.insert_page(page)  # type: ignore[no-untyped-call]
    written = BytesIO()
    bundle.write(written)  # type: ignore[no-untyped-call]
    return written.getvalue()


def _brought(pdf: bytes, bundle: PdfFileWriter) -> Sequence[Page]:
    """Its pages with all that they need, in the bundle and not yet among its pages."""
    reader = PdfFileReader(BytesIO(pdf))
    found = list(_walk(reader.root["/Pages"], {}, 0))
    if not 1 <= len(found) <= PAGES_MAX:
        raise ValueError(f"it has {len(found)} pages")
    for page in found:
        page.container_ref = generic.TrailerReference(reader)  # type: ignore[no-untyped-call]
    brought: Any = [bundle.import_object(page) for page in found]
    return list(brought)


def _walk(node: Page, given: dict[str, Any], depth: int) -> Iterator[Page]:
    if depth > DEPTH_MAX:
        raise ValueError("its pages lie too deep")
    own = {name: node.raw_get(name) for name in INHERITED if name in node}
    if node["/Type"] == "/Page":
        kept = {name: node.raw_get(name) for name in node if name not in LEFT_BEHIND}
        whole = {**given, **own, **kept}
        named = {generic.pdf_name(name): value for name, value in whole.items()}
        yield Page(named)  # type: ignore[no-untyped-call]
        return
    for kid in node["/Kids"]:
        yield from _walk(kid.get_object(), {**given, **own}, depth + 1)


def _cover(
    bound: Sequence[Receipt], left_out: Sequence[str], *, download: Download, number: int
) -> bytes:
    at = local(download.asked_at)
    body = bound[0].collecting_body if bound else None
    data = {
        "title": TITLE,
        "warning": WARNING,
        "reason": REASON,
        "date": {"year": at.year, "month": at.month, "day": at.day},
        "body_name": shown(body.name) if body else "",
        "facts": [
            ["Yêu cầu lúc:", f"{at:%H:%M:%S ngày %d/%m/%Y}"],
            ["Mã yêu cầu:", str(download.id)],
            ["Phần:", f"{number}/{download.parts}"],
            ["Số biên lai trong phần này:", str(len(bound))],
        ],
        "receipts": [_name(one) for one in bound],
        "left_out": list(left_out),
    }
    return typeset(TEMPLATE, data)


def _name(receipt: Receipt) -> str:
    return shown(f"{receipt.number.series.symbol} {receipt.number.printed}")
