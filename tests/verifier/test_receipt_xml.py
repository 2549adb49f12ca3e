"""A receipt verifies, and no receipt with a single other bit does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.verifier import verify_file
from deploy.verifier.anchors import Anchors
from deploy.verifier.receipt_xml import read_receipt_xml
from deploy.verifier.verdict import Broken
from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.ports.signing import Signer
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from tests.receipt.samples import INTENT_ID, NOON, PAYER, receipt


def reason(raw: bytes, anchors: dict[str, Any]) -> str:
    with pytest.raises(Broken) as broken:
        read_receipt_xml(raw, Anchors.of(anchors))
    return str(broken.value)


def test_an_honest_receipt_is_valid_and_says_what_it_is_about(
    xml: bytes, anchors: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "receipt.xml"
    path.write_bytes(xml)

    verdict = verify_file(path, anchors=anchors)
    facts = read_receipt_xml(xml, Anchors.of(anchors))

    assert verdict.valid
    assert "01BLP0-001 AA-26E 17: 100000 VND" in verdict.items[0].detail
    assert (facts.number, facts.amount, facts.payment_intent_id) == (17, 100_000, str(INTENT_ID))
    assert facts.signed_at == NOON


@pytest.mark.parametrize("mask", [None, 0x20], ids=["each bit in turn", "capital or small"])
def test_a_flip_of_any_byte_is_found(xml: bytes, anchors: dict[str, Any], mask: int | None) -> None:
    trusted = Anchors.of(anchors)
    unnoticed = []
    for place in range(len(xml)):
        flipped = bytearray(xml)
        flipped[place] ^= mask or 1 << place % 8
        try:
            read_receipt_xml(bytes(flipped), trusted)
        except Broken:
            continue
        unnoticed.append(place)
    assert unnoticed == []


@pytest.mark.parametrize(
    "respell",
    [
        lambda raw: raw + b"\n",
        lambda raw: raw.replace(b"\n", b"\r\n", 1),
        lambda raw: raw.replace(b"UTF-8", b"utf-8", 1),
        lambda raw: raw.partition(b"\n")[2],
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b"<BLai ", b"<BLai  ", 1),
        lambda raw: raw.replace(b"<DSCKS>", b"<DSCKS><!-- -->", 1),
        lambda raw: raw.replace(b"<DSCKS>", b"<DSCKS> ", 1),
        lambda raw: raw.replace(b"</ds:SignatureValue>", b"\n</ds:SignatureValue>"),
        lambda raw: raw.replace(b"<ds:Object>", b"<ds:Object><ds:Object></ds:Object>"),
        lambda raw: raw.replace(b"<ds:Object>", b'<ds:Object Id="x">'),
        lambda raw: raw.replace(b"<BLai", b"<!DOCTYPE BLai []><BLai", 1),
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw[:0],
        lambda raw: raw * 300,
    ],
)
def test_the_same_content_spelled_otherwise_is_refused(
    xml: bytes, anchors: dict[str, Any], respell: Callable[[bytes], bytes]
) -> None:
    other = respell(xml)
    assert other != xml

    assert reason(other, anchors)


async def test_somebody_elses_signature_counts_for_nothing(
    anchors: dict[str, Any], tmp_path: Path
) -> None:
    ensure_development_keys(tmp_path, clock=FrozenClock(NOON))
    stranger = FileSigner.from_directory(tmp_path / "keys" / "receipt")

    forged = await XmlReceiptSigner(OneSigner(stranger)).sign(receipt(), PAYER, at=NOON)

    assert reason(forged, anchors) == "the signer's certificate is issued by nobody we trust"


@dataclass(frozen=True)
class Borrowed:
    """Signs by one key and shows the certificate of another."""

    signer: Signer
    identity: SigningIdentity

    async def sign(self, content: bytes) -> bytes:
        return await self.signer.sign(content)


async def test_a_trusted_certificate_beside_another_key_is_found(
    anchors: dict[str, Any], signing_key: FileSigner, tmp_path: Path
) -> None:
    ensure_development_keys(tmp_path, clock=FrozenClock(NOON))
    stranger = FileSigner.from_directory(tmp_path / "keys" / "receipt")
    borrowed = Borrowed(stranger, signing_key.identity)

    forged = await XmlReceiptSigner(OneSigner(borrowed)).sign(receipt(), PAYER, at=NOON)

    assert reason(forged, anchors) == "the signature does not fit the receipt"


async def test_the_authority_itself_signs_no_receipts(
    var_dir: Path, anchors: dict[str, Any]
) -> None:
    folder = var_dir / "keys" / "receipt"
    key: Any = load_pem_private_key((folder / "ca.key.pem").read_bytes(), password=None)
    certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())

    forged = await XmlReceiptSigner(OneSigner(FileSigner(key, certificate))).sign(
        receipt(), PAYER, at=NOON
    )

    assert reason(forged, anchors) == "the signer's certificate is not for signing documents"


async def test_a_receipt_outlives_its_certificate(
    signing_key: FileSigner, anchors: dict[str, Any]
) -> None:
    """Signed in its last second, read whenever: only the instant of signing counts."""
    last = signing_key.identity.valid_to
    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(receipt(), PAYER, at=last)

    assert read_receipt_xml(xml, Anchors.of(anchors)).signed_at == last


@pytest.mark.parametrize("off", [timedelta(days=-2), timedelta(days=365 * 4)])
async def test_a_certificate_must_be_valid_when_it_signs(
    signing_key: FileSigner, anchors: dict[str, Any], off: timedelta
) -> None:
    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(receipt(), PAYER, at=NOON + off)

    assert "not valid at the time of signing" in reason(xml, anchors)


def test_an_old_authority_is_trusted_beside_a_new_one(
    xml: bytes, anchors: dict[str, Any], tmp_path: Path
) -> None:
    ensure_development_keys(tmp_path, clock=FrozenClock(NOON))
    new = (tmp_path / "keys" / "receipt" / "ca.pem").read_text()
    both = {**anchors, "receipt_ca": [new, *anchors["receipt_ca"]]}

    assert read_receipt_xml(xml, Anchors.of(both)).number == 17
    assert reason(xml, {**anchors, "receipt_ca": [new]})
    assert reason(xml, {**anchors, "receipt_ca": []})


BOMB = b"""<!DOCTYPE BLai [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
OUTSIDE = b'<!DOCTYPE BLai [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda raw: raw.replace(b"<BLai", BOMB + b"<BLai", 1), "it declares a document type"),
        (lambda raw: raw.replace(b"<BLai", OUTSIDE + b"<BLai", 1), "it declares a document type"),
        (lambda raw: raw.replace(b">100000<", b">1<!-- -->00000<"), "spelled in another way"),
        (lambda raw: raw.replace(b">VND<", b"><![CDATA[VND]]><"), "spelled in another way"),
        (lambda raw: raw.replace(b"<DSCKS>", b"<DSCKS><?php x?>"), "does not fit the receipt"),
        (lambda raw: raw.replace(b"<ds:Object>", b"<?x y?><ds:Object>"), "has other parts"),
    ],
    ids=["laughs", "outside entity", "comment", "cdata", "instruction", "in the signature"],
)
def test_hostile_xml_is_refused_for_its_reason(
    xml: bytes, anchors: dict[str, Any], spoil: Callable[[bytes], bytes], why: str
) -> None:
    hostile = spoil(xml)
    assert hostile != xml

    assert why in reason(hostile, anchors)


@pytest.mark.parametrize("place", [b"<DSCKS>", b"</DSCKS>", b"<ds:Object>", b"</ds:Object>"])
def test_a_signed_receipt_wrapped_into_another_is_refused(
    xml: bytes, anchors: dict[str, Any], place: bytes
) -> None:
    signed = xml[xml.index(b"<DLBLai") : xml.index(b"<DSCKS>")]
    forged = xml.replace(b">100000<", b">900000<")

    assert reason(forged.replace(place, place + signed), anchors)
    assert reason(forged.replace(place, signed + place), anchors)
    # The same id twice: whoever looks an id up must not choose.
    assert reason(xml.replace(signed, signed + signed), anchors)
    wrapped = xml.replace(b"<BLai", b"<BLai><BLai", 1) + b"</BLai>"
    assert reason(wrapped, anchors)
