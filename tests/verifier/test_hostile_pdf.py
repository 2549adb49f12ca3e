"""Receipts that were tampered with after they were signed, or signed with something in them."""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from zlib import compress

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from deploy.verifier.anchors import Anchors
from deploy.verifier.pdf_signature import BYTE_RANGE
from deploy.verifier.pdf_stillness import OBJECTS_MAX, open_still
from deploy.verifier.receipt_pdf import read_attached_receipt, read_signed_pdf, require_same_facts
from deploy.verifier.verdict import Broken
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.pades import sign_pdf
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from tests.receipt.samples import NOON, PAYER, receipt
from tests.verifier import hostile
from tests.verifier.hostile import dictionary, names, rewritten, signed, unsigned, updated

SECONDS_MAX: Final = 60.0
# Beside the file itself; a bomb of ten megabytes unpacks to gigabytes.
BYTES_MAX: Final = 160_000_000
UNCOVERED = "the signature does not cover the whole file"


def why(raw: bytes, trusted: Anchors) -> str:
    """Why the whole of it is refused, within bounds."""
    with bounded(), pytest.raises(Broken) as broken:
        page = read_signed_pdf(raw, trusted)
        require_same_facts(page, read_attached_receipt(page, trusted))
    return str(broken.value)


@contextmanager
def bounded() -> Iterator[None]:
    tracemalloc.start()
    began = time.process_time()
    try:
        yield
        spent, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert spent < SECONDS_MAX
    assert most < BYTES_MAX


@pytest.fixture(scope="session")
def trusted(anchors: dict[str, Any]) -> Anchors:
    return Anchors.of(anchors)


@pytest.fixture(scope="session")
async def others_xml(signing_key: FileSigner) -> bytes:
    """A genuine receipt, but of somebody else."""
    return await XmlReceiptSigner(OneSigner(signing_key)).sign(receipt(number=18), PAYER, at=NOON)


JAVASCRIPT: Final = {"S": names("JavaScript")[0], "JS": generic.TextStringObject("app.alert(1)")}
LAUNCH: Final = {"S": names("Launch")[0], "F": generic.TextStringObject("cmd.exe")}
SUBMIT: Final = {"S": names("SubmitForm")[0], "F": generic.TextStringObject("http://x")}
DOES_MORE: Final = "it has parts that no receipt has: "
CHANGES: Final[dict[str, tuple[hostile.Change, str]]] = {
    "script on opening": (hostile.act(**JAVASCRIPT), DOES_MORE),
    "launch on opening": (hostile.act(**LAUNCH), DOES_MORE + "/OpenAction"),
    "script of the document": (
        lambda writer: hostile.put(
            writer, writer.root["/Names"], "JavaScript", generic.ArrayObject()
        ),
        DOES_MORE + "/JavaScript",
    ),
    "script of the page": (
        lambda writer: hostile.put(writer, hostile.page_of(writer), "AA", dictionary()),
        DOES_MORE + "/AA",
    ),
    "a link that launches": (
        hostile.lay("Link", A=dictionary(**LAUNCH)),
        "a page does something: /Launch",
    ),
    "a link that submits": (
        hostile.lay("Link", A=dictionary(**SUBMIT)),
        "a page does something: /SubmitForm",
    ),
    "a note over the amount": (
        hostile.lay("FreeText", Contents=generic.TextStringObject("900.000")),
        "there lies something on a page: /FreeText",
    ),
    "a stamp over the amount": (hostile.lay("Stamp"), "there lies something on a page: /Stamp"),
    "layers to be switched": (
        lambda writer: hostile.put(writer, writer.root, "OCProperties", dictionary()),
        DOES_MORE + "/OCProperties",
    ),
    "a form of its own": (
        lambda writer: hostile.put(
            writer, writer.root, "AcroForm", dictionary(XFA=generic.ArrayObject())
        ),
        DOES_MORE + "/XFA",
    ),
    "a second original": (hostile.attach_a_second, "it carries no original, or more than one"),
    "thousands of pages": (
        hostile.add_pages(hostile.PAGES),
        "it has more pages than any receipt, or hides some",
    ),
    "a hidden page": (
        lambda writer: writer.add_object(
            dictionary(**{k[1:]: v for k, v in hostile.page_of(writer).items()})
        ),
        "it has more pages than any receipt, or hides some",
    ),
    "too many objects": (hostile.crowd(OBJECTS_MAX), "it has more objects than any receipt"),
    "nested": (hostile.nest(60), "its parts are nested deeper than any receipt's"),
    "a bomb": (hostile.attach(bytes(64_000_000), packed=True), "it carries no original"),
    "a bomb in a bomb": (
        lambda writer: hostile.put(
            writer,
            hostile.attached(writer),
            "F",
            writer.add_object(
                generic.StreamObject(
                    {
                        generic.pdf_name("/Filter"): generic.ArrayObject(
                            names("FlateDecode", "FlateDecode")
                        )
                    },
                    encoded_data=compress(compress(bytes(64_000_000))),
                )
            ),
        ),
        "a part of it is packed in another way",
    ),
    "a part outside": (
        lambda writer: writer.add_object(
            generic.StreamObject(
                {generic.pdf_name("/F"): generic.TextStringObject("http://x")}, stream_data=b""
            )
        ),
        "a part of it lies outside",
    ),
}


async def test_the_same_objects_in_a_file_of_another_making_are_valid(
    pdf: bytes, xml: bytes, signing_key: FileSigner, trusted: Anchors
) -> None:
    """So that what is refused below is refused for what was done to it."""
    honest = await signed(rewritten(unsigned(pdf), lambda _: None), signing_key)

    page = read_signed_pdf(honest, trusted)

    assert require_same_facts(page, read_attached_receipt(page, trusted)) == 100_000


@pytest.mark.parametrize(("change", "reason"), CHANGES.values(), ids=CHANGES)
async def test_what_a_receipt_never_has_is_refused_though_a_trusted_key_signed_it(
    pdf: bytes,
    signing_key: FileSigner,
    trusted: Anchors,
    change: hostile.Change,
    reason: str,
) -> None:
    page = rewritten(unsigned(pdf), change)

    assert reason in why(await signed(page, signing_key), trusted)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (hostile.crowd(1), "it was changed between setting and signing"),
        (hostile.draw_over, "it was changed between setting and signing"),
    ],
    ids=["something unseen", "drawn over"],
)
async def test_a_page_made_ready_to_be_swapped_is_refused(
    pdf: bytes, signing_key: FileSigner, trusted: Anchors, change: hostile.Change, reason: str
) -> None:
    prepared = updated(unsigned(pdf), change)

    assert why(await signed(prepared, signing_key), trusted) == reason


async def test_whoever_signs_changes_nothing_that_is_seen(
    pdf: bytes, signing_key: FileSigner, trusted: Anchors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the very revision that holds the signature."""

    def drawing(stream: Any) -> Any:
        writer = IncrementalPdfFileWriter(stream)
        hostile.draw_over(writer)
        return writer

    monkeypatch.setattr(f"{sign_pdf.__module__}.IncrementalPdfFileWriter", drawing)

    assert why(await signed(unsigned(pdf), signing_key), trusted) == "signing changed what is seen"


async def test_objects_in_streams_are_refused(
    pdf: bytes, signing_key: FileSigner, trusted: Anchors
) -> None:
    page = rewritten(unsigned(pdf), lambda _: None, streamed=True)

    said = why(await signed(page, signing_key), trusted)

    assert said == "its objects are listed in another way"


def test_an_encrypted_file_is_refused(pdf: bytes) -> None:
    """Whatever its signature is worth: here it is not looked at."""
    last = pdf.rindex(b"/Root")
    locked = pdf[:last] + b"/Encrypt <</Filter /Standard /V 5>> " + pdf[last:]

    assert _why_not_still(locked) == "it is encrypted"


def test_parts_nested_without_end_are_refused(pdf: bytes) -> None:
    room = pdf.index(b">\n/ByteRange") - pdf.index(b"/Contents <")
    deep = b"/Contents " + b"[" * (room // 2 - 10) + b"]" * (room // 2 - 10)
    start = pdf.index(b"/Contents <")
    nested = pdf[:start] + deep.ljust(room) + b" " + pdf[start + room + 1 :]
    assert len(nested) == len(pdf)

    assert _why_not_still(nested) == "it cannot be read as a PDF with one signature"


def _why_not_still(raw: bytes) -> str:
    with bounded(), pytest.raises(Broken) as broken:
        open_still(raw)
    return str(broken.value)


@pytest.mark.parametrize(
    "change",
    [
        hostile.add_pages(1),
        hostile.draw_over,
        hostile.lay("FreeText"),
        hostile.lay("Link", A=dictionary(**LAUNCH)),
        hostile.act(**JAVASCRIPT),
        lambda writer: hostile.put(writer, writer.root, "DSS", dictionary()),
        hostile.crowd(1),
    ],
    ids=["page", "overlay", "note", "link", "script", "proofs", "something unseen"],
)
def test_no_update_may_follow_the_signature(
    pdf: bytes, trusted: Anchors, change: hostile.Change
) -> None:
    assert why(updated(pdf, change), trusted) == UNCOVERED


def test_hiding_or_swapping_after_the_signature_is_found(
    pdf: bytes, others_xml: bytes, trusted: Anchors
) -> None:
    """Shadow attacks end in an update, whatever was prepared: hide, replace, hide and replace."""
    nothing = generic.ArrayObject()
    hide = updated(pdf, lambda one: hostile.put(one, hostile.page_of(one), "Annots", nothing))
    replace = updated(pdf, hostile.attach(others_xml))
    # The last table of objects points back to an earlier version of one.
    table = pdf.rindex(b"0000", 0, pdf.rindex(b"trailer"))
    back = pdf[:table] + b"0000000015" + pdf[table + 10 :]

    assert why(hide, trusted) == UNCOVERED
    assert why(replace, trusted) == UNCOVERED
    assert why(back, trusted) == "the file was changed after signing"


async def test_another_genuine_receipt_inside_is_found(
    pdf: bytes, signing_key: FileSigner, others_xml: bytes, trusted: Anchors
) -> None:
    """Even if a trusted key signs the page with it."""
    swapped = rewritten(unsigned(pdf), hostile.attach(others_xml))

    assert "differ in number" in why(await signed(swapped, signing_key), trusted)


async def test_a_second_signature_is_refused(
    pdf: bytes, signing_key: FileSigner, trusted: Anchors
) -> None:
    other = unsigned(pdf)
    both = await signed(other, signing_key) + (await signed(other, signing_key))[len(other) :]

    assert why(both, trusted) == "there must be one signature"


def _ranges(pdf: bytes) -> tuple[int, int, int]:
    start, end, rest = (int(number) for number in BYTE_RANGE.findall(pdf)[0])
    return start, end, rest


def test_what_is_covered_is_all_but_the_signature(pdf: bytes, trusted: Anchors) -> None:
    start, end, rest = _ranges(pdf)

    def ranged(*numbers: int) -> bytes:
        spelled = b"/ByteRange [0 %d %d %d]" % numbers
        found = BYTE_RANGE.search(pdf)
        assert found
        room = found.end() - found.start()
        return pdf[: found.start()] + spelled.ljust(room) + pdf[found.start() + room :]

    # A gap before, behind, and around the signature; a range that runs over the end; none.
    assert why(ranged(start - 9, end, rest), trusted) == "the signature is no hex"
    assert why(ranged(start, end + 9, rest - 9), trusted) == "the signature is no hex"
    assert why(ranged(start, end, rest - 9), trusted) == UNCOVERED
    assert why(ranged(start, end, rest + 9), trusted) == UNCOVERED
    assert why(ranged(0, 2, len(pdf) - 2), trusted) == "the signature stands nowhere"
    assert (
        why(pdf.replace(b"/ByteRange", b"/ByteRang#65"), trusted) == "there must be one signature"
    )


def test_nothing_hides_in_the_padding_or_behind_the_signature(pdf: bytes, trusted: Anchors) -> None:
    _start, end, _rest = _ranges(pdf)
    hidden = pdf[: end - 9] + b"41414141" + pdf[end - 1 :]
    small = pdf[: end - 9] + b"0000000>" + pdf[end:]

    assert why(hidden, trusted) == "the signature is spelled in another way than it was issued"
    assert why(small, trusted) == UNCOVERED
    assert why(pdf[:end] + b" " + pdf[end:], trusted) == UNCOVERED


def test_a_strangers_bomb_is_not_even_opened(pdf: bytes, trusted: Anchors) -> None:
    bomb = compress(bytes(200_000_000))
    stream = b"9999 0 obj <</Type /ObjStm /Filter /FlateDecode /Length %d>> stream\n" % len(bomb)

    assert why(pdf + stream + bomb + b"\nendstream endobj\n", trusted) == UNCOVERED
    assert why(bytes(10_000_001), trusted) == "it is larger than any receipt"
