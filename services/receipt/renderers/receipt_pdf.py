"""The receipt as people see, hear and print it: set by Typst around the signed XML, and signed.

PDF/A-3a for the archive and PDF/UA-1 for those who listen: one file, one signature.
"""

import asyncio
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import segno

from chassis.clock import Clock
from chassis.typesetting import typeset
from services.receipt.domain.receipts.amount_in_words import amount_in_words
from services.receipt.domain.receipts.fee import CollectingBody, Payer
from services.receipt.domain.receipts.paper import Paper
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.signing.level import SignatureLevel
from services.receipt.ports.proving import Proofs
from services.receipt.ports.signing import Signers
from services.receipt.renderers.own_word import OwnWord
from services.receipt.renderers.pades import sign_pdf
from services.receipt.renderers.wording import (
    CORRECTION_NAMES,
    KIND_NAMES,
    collected_by,
    figures,
    local,
    method_name,
    shown,
)

TEMPLATE: Final = Path(__file__).parent / "receipt.typ"
FORMAT: Final = "lephi-receipt/1"
STANDARDS: Final = ("a-3a", "ua-1")
# A page is tens of milliseconds of CPU; two at a time leave the process able to answer.
AT_ONCE_MAX: Final = 2


class PdfReceiptSigner:
    def __init__(
        self,
        signers: Signers,
        *,
        lookup_page: str,
        clock: Clock,
        proofs: Proofs | None = None,
        paper: Paper = Paper.A5,
    ) -> None:
        self._signers = signers
        self._proofs = proofs or OwnWord()
        self._lookup_page = lookup_page
        self._paper = paper
        self._clock = clock
        self._turn = asyncio.Semaphore(AT_ONCE_MAX)

    async def sign(self, receipt: Receipt, payer: Payer, *, xml: bytes) -> bytes:
        signer = await self._signers.of(receipt.collecting_body.signing_agency)
        async with self._turn:
            data = self._data(receipt, payer, holder=signer.identity.holder)
            page = await asyncio.to_thread(_set, data, xml)
            at = local(self._clock.now())
            return await sign_pdf(page, signer=signer, proofs=self._proofs, at=at)

    def _data(self, receipt: Receipt, payer: Payer, *, holder: str) -> dict[str, Any]:
        number, body, fee = receipt.number, receipt.collecting_body, receipt.fee
        series = number.series
        day, title = local(receipt.numbered_at).date(), shown(receipt.rule.title)
        return {
            "paper": self._paper.value,
            "heading": f"{title} {series.form_code} {series.symbol} {number.printed}",
            "keywords": _keywords(receipt, self._proofs.level),
            "attachment": f"bien-lai-{series.symbol}-{number.printed}.xml",
            "title": title,
            "correction": _correction(receipt),
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
                "delegate": _delegate(body),
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
            "collector": collected_by(fee.method),
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
    return typeset(TEMPLATE, data, attachments={data["attachment"]: xml}, standards=STANDARDS)


def _keywords(receipt: Receipt, level: SignatureLevel) -> list[str]:
    """The facts of the page for programs, which cannot read what is drawn on it."""
    series = receipt.number.series
    # Signed, so that nobody can take the proofs away unnoticed.
    promised = [] if level is SignatureLevel.B_B else [f"signature_level={level.value}"]
    return [
        FORMAT,
        f"form_code={series.form_code}",
        f"symbol={series.symbol}",
        f"number={receipt.number.number}",
        f"amount={receipt.amount.minor_units}",
        f"currency={receipt.amount.currency}",
        f"xml_sha256={receipt.xml_sha256}",
        *promised,
    ]


def _correction(receipt: Receipt) -> str:
    one = receipt.corrects
    if one is None:
        return ""
    return (
        f"{CORRECTION_NAMES[receipt.type]} cho biên lai mẫu số {shown(one.form_code)}, ký hiệu "
        f"{shown(one.symbol)}, số {shown(one.printed_number)}, ngày {one.on:%d/%m/%Y}"
    )


def _delegate(body: CollectingBody) -> str:
    if body.delegate is None:
        return ""
    one = body.delegate
    return shown(f"{one.name}, mã số thuế {one.tax_code}, {one.address} (theo {one.agreement})")


def _spoken(instant: datetime) -> str:
    return f"{local(instant):%H:%M:%S ngày %d/%m/%Y}"
