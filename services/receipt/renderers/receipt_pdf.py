"""The receipt as people see it: set by Typst as PDF/A-3b around the signed XML, signed as PAdES."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import segno
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from chassis.clock import Clock
from chassis.typesetting import typeset
from services.receipt.domain.receipts.amount_in_words import amount_in_words
from services.receipt.domain.receipts.fee import Payer
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.signing.identity import SignatureAlgorithm
from services.receipt.ports.signing import Signer, Signers
from services.receipt.renderers.wording import KIND_NAMES, figures, local, method_name, shown

TEMPLATE: Final = Path(__file__).parent / "receipt.typ"
FORMAT: Final = "lephi-receipt/1"
FIELD: Final = "BienLai"
# A page is tens of milliseconds of CPU; two at a time leave the process able to answer.
AT_ONCE_MAX: Final = 2
# An ECDSA signature has no fixed length; room is reserved for the longest it can be.
SIGNATURE_BYTES_MAX: Final[Mapping[SignatureAlgorithm, int]] = {
    SignatureAlgorithm.ECDSA_P256_SHA256: 72,
    SignatureAlgorithm.RSA_SHA256: 512,
}


class PdfReceiptSigner:
    def __init__(self, signers: Signers, *, lookup_page: str, clock: Clock) -> None:
        self._signers = signers
        self._lookup_page = lookup_page
        self._clock = clock
        self._turn = asyncio.Semaphore(AT_ONCE_MAX)

    async def sign(self, receipt: Receipt, payer: Payer, *, xml: bytes) -> bytes:
        signer = await self._signers.of(receipt.collecting_body.agency_code)
        async with self._turn:
            data = self._data(receipt, payer, holder=signer.identity.holder)
            page = await asyncio.to_thread(_set, data, xml)
            return await sign_pdf(page, signer=signer, at=local(self._clock.now()))

    def _data(self, receipt: Receipt, payer: Payer, *, holder: str) -> dict[str, Any]:
        number, body, fee = receipt.number, receipt.collecting_body, receipt.fee
        series = number.series
        day, title = local(receipt.numbered_at).date(), shown(receipt.rule.title)
        return {
            "heading": f"{title} {series.form_code} {series.symbol} {number.printed}",
            "keywords": _keywords(receipt),
            "attachment": f"bien-lai-{series.symbol}-{number.printed}.xml",
            "title": title,
            "kind": KIND_NAMES[receipt.kind],
            "form_code": series.form_code,
            "symbol": series.symbol,
            "number": number.printed,
            "day": {
                "year": day.year,
                "month": day.month,
                "day": day.day,
                "day_text": f"{day.day:02d}",
                "month_text": f"{day.month:02d}",
            },
            "body": {
                "name": shown(body.name),
                "tax_code": shown(body.tax_code),
                "agency_code": shown(body.agency_code),
                "address": shown(body.address),
                "phone": shown(body.phone),
            },
            "payer": {
                "full_name": shown(payer.full_name),
                "identity_number": shown(payer.identity_number),
                "address": shown(payer.address),
            },
            "procedure": {"code": shown(fee.procedure_code), "name": shown(fee.procedure_name)},
            "dossier_code": shown(fee.dossier_code),
            "reference": shown(fee.reference),
            "lines": [
                {
                    "position": str(position),
                    "name": shown(line.name),
                    "legal_basis": shown(line.legal_basis),
                    "quantity": str(line.quantity),
                    "amount": figures(line.amount),
                }
                for position, line in enumerate(receipt.lines, start=1)
            ],
            "amount": figures(receipt.amount),
            "amount_in_words": amount_in_words(receipt.amount.minor_units),
            "payment": {
                "method": shown(method_name(fee.method)),
                "reference": shown(fee.provider_reference),
                "paid_at": _spoken(fee.paid_at),
            },
            "lookup": self._lookup(receipt),
            "signature": {
                "holder": shown(holder),
                "at": _spoken(receipt.require_issued()),
            },
            "legal_note": f"Lập theo {shown(receipt.rule.legal_basis)}. Bản gốc là tệp XML đã ký "
            "số, đính kèm trong tệp PDF này; bản in không thay thế bản gốc.",
        }

    def _lookup(self, receipt: Receipt) -> dict[str, str]:
        number = receipt.number
        asked = {
            "form_code": number.series.form_code,
            "symbol": number.series.symbol,
            "number": number.number,
            "code": receipt.lookup_code,
        }
        url = f"{self._lookup_page}?{urlencode(asked)}"
        picture = BytesIO()
        segno.make(url, error="m", boost_error=False, micro=False).save(
            picture, kind="svg", border=1, xmldecl=False
        )
        return {
            "url": url,
            "qr": picture.getvalue().decode(),
            "code": receipt.lookup_code,
            "page": self._lookup_page,
        }


def _set(data: dict[str, Any], xml: bytes) -> bytes:
    return typeset(TEMPLATE, data, attachments={data["attachment"]: xml}, standard="a-3b")


async def sign_pdf(page: bytes, *, signer: Signer, at: datetime) -> bytes:
    """Certify: whatever is changed in the file afterwards breaks the signature."""
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason="Phát hành biên lai",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    signed = BytesIO()
    await _DatedSigner(metadata, _Asked(signer), at=at).async_sign_pdf(
        IncrementalPdfFileWriter(BytesIO(page)), output=signed
    )
    return signed.getvalue()


def _keywords(receipt: Receipt) -> list[str]:
    """The facts of the page for programs, which cannot read what is drawn on it."""
    series = receipt.number.series
    return [
        FORMAT,
        f"form_code={series.form_code}",
        f"symbol={series.symbol}",
        f"number={receipt.number.number}",
        f"amount={receipt.amount.minor_units}",
        f"currency={receipt.amount.currency}",
        f"xml_sha256={receipt.xml_sha256}",
    ]


def _spoken(instant: datetime) -> str:
    return f"{local(instant):%H:%M:%S ngày %d/%m/%Y}"


class _Asked(signers.Signer):
    """Our signer, as pyHanko asks for signatures."""

    def __init__(self, signer: Signer) -> None:
        # Only the signer's certificate is embedded: it is bound by a signed attribute, while
        # anything beside it could be exchanged unnoticed.
        super().__init__(signing_cert=asn1_x509.Certificate.load(signer.identity.certificate))
        self._signer = signer

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if dry_run:
            return bytes(SIGNATURE_BYTES_MAX[self._signer.identity.algorithm])
        if digest_algorithm != "sha256":
            raise ValueError("receipts are signed over SHA-256")
        return await self._signer.sign(data)


class _DatedSigner(signers.PdfSigner):
    """Takes the time it is given; pyHanko would ask the machine."""

    def __init__(self, metadata: Any, signer: signers.Signer, *, at: datetime) -> None:
        super().__init__(metadata, signer)
        self._at = at

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self._at
        return session
