"""A receipt as PDF: signed as a whole, carrying its original, and saying the same as that."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from deploy.verifier.anchors import Anchors, holder_of
from deploy.verifier.pdf_signature import signature_of_pdf
from deploy.verifier.pdf_stillness import UNREADABLE, open_still
from deploy.verifier.receipt_proof import B_B, HeldProofs, judged_at
from deploy.verifier.receipt_revocation import responders_of
from deploy.verifier.receipt_xml import ReceiptFacts, read_receipt_xml
from deploy.verifier.verdict import Broken, require

FORMAT: Final = "lephi-receipt/1"
BYTES_MAX: Final = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPdf:
    signed_by: str
    signed_at: datetime
    reader: PdfFileReader


def read_signed_pdf(raw: bytes, anchors: Anchors) -> SignedPdf:
    """The bytes first, by ourselves; then pyHanko, which knows what a PDF may do besides."""
    require(len(raw) <= BYTES_MAX, "it is larger than any receipt")
    found = signature_of_pdf(raw)
    certificate, anchors = found.certificate, anchors.through(found.between)
    # Nothing is parsed that a signer we trust has not signed as it stands.
    anchors.authority_of(certificate)
    reader = open_still(raw)
    try:
        (embedded,) = reader.embedded_signatures
        claimed = embedded.self_reported_timestamp
    except UNREADABLE as error:
        raise Broken("it cannot be read as a PDF with one signature") from error
    if claimed is None:
        raise Broken("it does not say when it was signed")
    certificates, lists, answers = _security_store(reader)
    signed_at = judged_at(
        HeldProofs(
            token=found.token,
            authorities=_without_responders(certificates, answers, anchors),
            lists=lists,
            answers=answers,
        ),
        promised=_keywords(reader).get("signature_level", B_B),
        signature=found.value,
        certificate=certificate,
        claimed=claimed,
        anchors=anchors,
    )
    # pyHanko starts an event loop of its own, which cannot be done where one is running.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(_require_pyhanko_agrees, embedded, anchors, signed_at).result()
    return SignedPdf(signed_by=holder_of(certificate), signed_at=signed_at, reader=reader)


def read_attached_receipt(signed: SignedPdf, anchors: Anchors) -> ReceiptFacts:
    return read_receipt_xml(_attachment(signed.reader), anchors)


def require_same_facts(signed: SignedPdf, facts: ReceiptFacts) -> int:
    """What the page says of itself, for programs, against what its original says."""
    said = _keywords(signed.reader)
    expected = {
        "form_code": facts.form_code,
        "symbol": facts.symbol,
        "number": str(facts.number),
        "amount": str(facts.amount),
        "currency": facts.currency,
        "xml_sha256": facts.xml_sha256,
    }
    for name, value in expected.items():
        require(said.get(name) == value, f"page and original differ in {name}")
    return facts.amount


def _require_pyhanko_agrees(embedded: Any, anchors: Anchors, at: datetime) -> None:
    context = ValidationContext(
        trust_roots=[_for_pyhanko(one) for one in anchors.receipt_authorities],
        other_certs=[_for_pyhanko(one) for one in anchors.between],
        allow_fetching=False,
        moment=at,
    )
    stampers = ValidationContext(
        trust_roots=[_for_pyhanko(one) for one in anchors.time_authorities],
        allow_fetching=False,
        moment=at,
    )
    try:
        status = validate_pdf_signature(embedded, context, ts_validation_context=stampers)
    except UNREADABLE as error:
        raise Broken("pyHanko cannot judge the signature") from error
    require(bool(status.bottom_line), f"pyHanko refuses the signature: {status.summary()}")


def _for_pyhanko(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _security_store(reader: PdfFileReader) -> Sequence[Sequence[bytes]]:
    """Under the signature like all the rest of the file: nothing may come behind it."""
    try:
        store = reader.root["/DSS"] if "/DSS" in reader.root else {}  # noqa: SIM401
        return [
            [one.get_object().data for one in store[name]] if store and name in store else []
            for name in ("/Certs", "/CRLs", "/OCSPs")
        ]
    except UNREADABLE as error:
        raise Broken("its store of proofs cannot be read") from error


def _without_responders(
    certificates: Sequence[bytes], answers: Sequence[bytes], anchors: Anchors
) -> Sequence[bytes]:
    """The store repeats who signed the answers, which bring their signers along by themselves."""
    trusted = {
        one.public_bytes(Encoding.DER)
        for one in (*anchors.receipt_authorities, *anchors.time_authorities)
    }
    repeated = {one for answer in answers for one in responders_of(answer)} - trusted
    return [one for one in certificates if one not in repeated]


def _attachment(reader: PdfFileReader) -> bytes:
    try:
        _name, attached = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
        content: bytes = attached.get_object()["/EF"]["/F"].data
    except UNREADABLE as error:
        raise Broken("it carries no original, or more than one") from error
    return content


def _keywords(reader: PdfFileReader) -> Mapping[str, str]:
    try:
        said = str(reader.trailer["/Info"]["/Keywords"]).split(", ")
    except UNREADABLE as error:
        raise Broken("the page says nothing of itself") from error
    require(said[0] == FORMAT, f"the page is not of the form {FORMAT}")
    return dict(word.split("=", 1) for word in said[1:] if "=" in word)
