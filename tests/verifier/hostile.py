"""PDFs as those make them who mean harm: honest pages, opened and put together again."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from services.receipt.ports.signing import Signer
from services.receipt.renderers.own_word import OwnWord
from services.receipt.renderers.pades import sign_pdf
from tests.receipt.samples import NOON

Change = Callable[[Any], None]
# Its constructors say nothing of their types.
GENERIC: Final[Any] = generic
PAGES: Final = 2_000


def unsigned(pdf: bytes) -> bytes:
    """The page as it was set."""
    return pdf[: pdf.index(b"%%EOF") + 6]


def rewritten(page: bytes, change: Change, *, streamed: bool = False) -> bytes:
    """The same objects in a file of another making, with a change to them."""
    made: Any = copy_into_new_writer(
        PdfFileReader(BytesIO(page)), writer_kwargs={"stream_xrefs": streamed}
    )
    change(made)
    out = BytesIO()
    made.write(out)
    return out.getvalue()


def updated(pdf: bytes, change: Change) -> bytes:
    """An incremental update, as viewers and attackers write it."""
    made: Any = IncrementalPdfFileWriter(BytesIO(pdf))
    change(made)
    out = BytesIO()
    made.write(out)
    return out.getvalue()


async def signed(page: bytes, signer: Signer, *, at: datetime = NOON) -> bytes:
    """By a key that is trusted, whatever the page is."""
    return await sign_pdf(page, signer=signer, proofs=OwnWord(), at=at)


def page_of(writer: Any) -> Any:
    return writer.root["/Pages"]["/Kids"][0]


def dictionary(**entries: Any) -> Any:
    return GENERIC.DictionaryObject({pdf_name(f"/{name}"): one for name, one in entries.items()})


def names(*said: str) -> list[generic.NameObject]:
    return [pdf_name(f"/{one}") for one in said]


def touch(writer: Any, one: Any) -> None:
    if isinstance(writer, IncrementalPdfFileWriter):
        writer.mark_update(one)


def put(writer: Any, one: Any, name: str, value: Any) -> None:
    one[pdf_name(f"/{name}")] = value
    touch(writer, one.container_ref)


def act(**action: Any) -> Change:
    """The file does something as it is opened."""
    return lambda writer: put(writer, writer.root, "OpenAction", dictionary(**action))


def lay(subtype: str, **entries: Any) -> Change:
    """Something lies on the page."""

    def change(writer: Any) -> None:
        rect = generic.ArrayObject(map(GENERIC.NumberObject, (60, 60, 300, 120)))
        one = dictionary(Type=names("Annot")[0], Subtype=names(subtype)[0], Rect=rect, **entries)
        page = page_of(writer)
        page["/Annots"].append(writer.add_object(one))
        touch(writer, page.container_ref)
        touch(writer, page["/Annots"].container_ref)

    return change


def draw_over(writer: Any) -> None:
    """Another amount, drawn over the honest one."""
    page = page_of(writer)
    over = generic.StreamObject(stream_data=b"q 1 1 1 rg 60 150 300 40 re f Q")
    both = generic.ArrayObject([page.raw_get("/Contents"), writer.add_object(over)])
    put(writer, page, "Contents", both)


def add_pages(count: int) -> Change:
    def change(writer: Any) -> None:
        pages = writer.root["/Pages"]
        for _ in range(count):
            copied = GENERIC.DictionaryObject(page_of(writer))
            pages["/Kids"].append(writer.add_object(copied))
        put(writer, pages, "Count", GENERIC.NumberObject(1 + count))
        touch(writer, pages["/Kids"].container_ref)

    return change


def hide_a_page(writer: Any) -> None:
    """In no list of pages."""
    writer.add_object(GENERIC.DictionaryObject(page_of(writer)))


def attached(writer: Any) -> Any:
    return writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]


def attach(content: bytes, *, packed: bool = False) -> Change:
    """Another file where the original was."""

    def change(writer: Any) -> None:
        stream = GENERIC.StreamObject(stream_data=content)
        if packed:
            stream.compress()
        put(writer, attached(writer), "F", writer.add_object(stream))

    return change


def attach_a_second(writer: Any) -> None:
    more = dictionary(Type=names("Filespec")[0], EF=dictionary(F=attached(writer).raw_get("/F")))
    writer.add_object(more)


def nest(depth: int) -> Change:
    def change(writer: Any) -> None:
        inner: Any = generic.ArrayObject()
        for _ in range(depth):
            inner = generic.ArrayObject([inner])
        put(writer, writer.root, "Deep", inner)

    return change


def crowd(count: int) -> Change:
    def change(writer: Any) -> None:
        for number in range(count):
            writer.add_object(GENERIC.NumberObject(number))

    return change
