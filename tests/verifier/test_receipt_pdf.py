from pathlib import Path
from typing import Any

import pytest

from chassis.canonical import sha256_hex
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.verifier import verify_file
from deploy.verifier.anchors import Anchors
from deploy.verifier.pdf_signature import BYTE_RANGE
from deploy.verifier.receipt_pdf import read_signed_pdf
from deploy.verifier.verdict import Broken
from services.receipt.domain.receipts.fee import Kind
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.own_word import OwnWord
from services.receipt.renderers.pades import sign_pdf
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from tests.receipt.samples import NOON, PAYER, receipt
from tests.verifier.conftest import page_of

STEP = 211


def told(raw: bytes, anchors: dict[str, Any], tmp_path: Path) -> list[tuple[str, bool, str]]:
    path = tmp_path / "receipt.pdf"
    path.write_bytes(raw)
    verdict = verify_file(path, anchors=anchors)
    assert verdict.valid == all(item.valid for item in verdict.items)
    return [(item.name, item.valid, item.detail) for item in verdict.items]


def test_an_honest_page_is_valid_and_so_is_what_it_carries(
    pdf: bytes, anchors: dict[str, Any], tmp_path: Path
) -> None:
    items = told(pdf, anchors, tmp_path)

    assert [(name, valid) for name, valid, _ in items] == [
        ("page", True),
        ("attached receipt", True),
        ("agreement", True),
    ]


async def test_it_verifies_where_an_event_loop_is_running(
    pdf: bytes, anchors: dict[str, Any], tmp_path: Path
) -> None:
    assert all(valid for _, valid, _ in told(pdf, anchors, tmp_path))


def unnoticed_flips(raw: bytes, places: range, mask: int | None, anchors: Anchors) -> list[int]:
    unnoticed = []
    for place in places:
        flipped = bytearray(raw)
        flipped[place] ^= mask or 1 << place % 8
        try:
            read_signed_pdf(bytes(flipped), anchors)
        except Broken:
            continue
        unnoticed.append(place)
    return unnoticed


def test_flips_all_over_the_file_are_found(pdf: bytes, anchors: dict[str, Any]) -> None:
    places = range(0, len(pdf), STEP)

    assert len(places) > 300
    assert unnoticed_flips(pdf, places, None, Anchors.of(anchors)) == []


@pytest.mark.parametrize("mask", [0x01, 0x20], ids=["another digit", "a small letter"])
def test_every_flip_in_and_around_the_signature_is_found(
    pdf: bytes, anchors: dict[str, Any], mask: int
) -> None:
    """Here lies what no digest covers: hex digits, padding, and the unsigned parts of CMS."""
    start, end, _ = (int(number) for number in BYTE_RANGE.findall(pdf)[0])
    filled = start + len(pdf[start:end].rstrip(b">").rstrip(b"0"))
    trusted = Anchors.of(anchors)

    assert unnoticed_flips(pdf, range(start - 40, filled + 40), mask, trusted) == []
    assert unnoticed_flips(pdf, range(filled + 40, end - 40, 17), mask, trusted) == []
    assert unnoticed_flips(pdf, range(end - 40, end + 80), mask, trusted) == []


@pytest.mark.parametrize("tail", [b"\n", b"%%EOF\n", b"\n1 0 obj\nnull\nendobj\n"])
def test_nothing_can_be_added_after_the_signature(
    pdf: bytes, anchors: dict[str, Any], tail: bytes, tmp_path: Path
) -> None:
    assert told(pdf + tail, anchors, tmp_path)[0][1] is False


async def test_a_second_signature_is_one_too_many(
    pdf: bytes, signing_key: FileSigner, anchors: dict[str, Any], tmp_path: Path
) -> None:
    unsigned = pdf[: pdf.index(b"%%EOF") + 6]
    once = await sign_pdf(unsigned, signer=signing_key, proofs=OwnWord(), at=NOON)

    assert told(unsigned, anchors, tmp_path)[0][2] == "there must be one signature"
    assert told(once, anchors, tmp_path)[0][1] is True
    assert told(pdf + once, anchors, tmp_path)[0][1] is False


async def test_a_strangers_page_around_an_honest_receipt_is_refused(
    xml: bytes, anchors: dict[str, Any], tmp_path: Path
) -> None:
    ensure_development_keys(tmp_path, clock=FrozenClock(NOON))
    stranger = FileSigner.from_directory(tmp_path / "keys" / "receipt")

    forged = await page_of(stranger, Kind.LE_PHI, xml)

    assert told(forged, anchors, tmp_path)[0] == (
        "page",
        False,
        "the signer's certificate is issued by nobody we trust",
    )


async def test_a_signed_page_must_carry_a_signed_receipt(
    signing_key: FileSigner, xml: bytes, anchors: dict[str, Any], tmp_path: Path
) -> None:
    page = await page_of(signing_key, Kind.LE_PHI, xml.replace(b">100000<", b">900000<"))

    items = told(page, anchors, tmp_path)

    assert [(name, valid) for name, valid, _ in items] == [
        ("page", True),
        ("attached receipt", False),
    ]


async def test_page_and_receipt_must_say_the_same(
    signing_key: FileSigner, anchors: dict[str, Any], tmp_path: Path
) -> None:
    other = receipt(kind=Kind.PHI)
    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(other, PAYER, at=NOON)
    shown = receipt(kind=Kind.LE_PHI).issue(at=NOON, xml_sha256=sha256_hex(xml))
    signer = PdfReceiptSigner(
        OneSigner(signing_key), lookup_page="https://x.vn", clock=FrozenClock(NOON)
    )

    page = await signer.sign(shown, PAYER, xml=xml)

    assert told(page, anchors, tmp_path)[-1] == (
        "agreement",
        False,
        "page and original differ in amount",
    )


async def test_a_certificate_must_be_valid_when_the_page_is_signed(
    pdf: bytes, signing_key: FileSigner, anchors: dict[str, Any], tmp_path: Path
) -> None:
    unsigned = pdf[: pdf.index(b"%%EOF") + 6]
    late = signing_key.identity.valid_to.replace(year=2040)
    last = signing_key.identity.valid_to

    too_late = told(
        await sign_pdf(unsigned, signer=signing_key, proofs=OwnWord(), at=late), anchors, tmp_path
    )
    in_time = told(
        await sign_pdf(unsigned, signer=signing_key, proofs=OwnWord(), at=last), anchors, tmp_path
    )

    assert "not valid at the time of signing" in too_late[0][2]
    assert in_time[0][1] is True
