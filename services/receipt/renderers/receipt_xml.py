"""The receipt as XML: our own namespace and shape, in the tag style of the tax authority.

The stored file is exactly `<?xml …?>`, a line feed, and the exclusive canonical form of the root,
so a verifier can refuse any other spelling of the same content.
"""

from datetime import datetime
from typing import Final

from services.receipt.domain.receipts.amount_in_words import amount_in_words
from services.receipt.domain.receipts.fee import CollectingBody, FeeLine, Payer
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.signing.level import SignatureLevel
from services.receipt.ports.proving import Proofs
from services.receipt.ports.signing import Signers
from services.receipt.renderers.canonical_xml import attribute, element, text_of
from services.receipt.renderers.own_word import OwnWord
from services.receipt.renderers.wording import (
    CORRECTION_NAMES,
    KIND_NAMES,
    clean,
    collected_by,
    local,
    method_name,
)
from services.receipt.renderers.xades import enveloped_signature

NAMESPACE: Final = "urn:lephi:bien-lai:1"
VERSION: Final = "1.0.0"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


class XmlReceiptSigner:
    def __init__(self, signers: Signers, proofs: Proofs | None = None) -> None:
        self._signers = signers
        self._proofs = proofs or OwnWord()

    async def sign(self, receipt: Receipt, payer: Payer, *, at: datetime) -> bytes:
        signer = await self._signers.of(receipt.collecting_body.signing_agency)
        content = _content(receipt, payer, self._proofs.level)
        signature = await enveloped_signature(
            _receipt(content, "").encode(),
            signer=signer,
            proofs=self._proofs,
            at=local(at),
            name=receipt.id.hex,
        )
        return (DECLARATION + _receipt(content, signature)).encode()


def _receipt(content: str, signature: str) -> str:
    signatures = element("DSCKS", element("DVThu", signature))
    return element("BLai", content, signatures, head=attribute("xmlns", NAMESPACE))


def _content(receipt: Receipt, payer: Payer, level: SignatureLevel) -> str:
    lines = [_item(position, line) for position, line in enumerate(receipt.lines, start=1)]
    return element(
        "DLBLai",
        _general(receipt, level),
        element(
            "NDBLai",
            *_parties(receipt, payer),
            element("DSKThu", *lines),
            *_payment(receipt),
        ),
        head=attribute("Id", f"BL-{receipt.id.hex}"),
    )


def _general(receipt: Receipt, level: SignatureLevel) -> str:
    # Signed, so that nobody can take the proofs away unnoticed.
    promised = None if level is SignatureLevel.B_B else level.value
    return element(
        "TTChung",
        _field("PBan", VERSION),
        _field("TBLai", receipt.rule.title),
        _field("KHMSCTu", receipt.number.series.form_code),
        _field("KHCTu", receipt.number.series.symbol),
        _field("SCTu", receipt.number.printed),
        _field("NLap", local(receipt.numbered_at).date().isoformat()),
        _field("DVTTe", receipt.amount.currency),
        _field("HTTToan", method_name(receipt.fee.method)),
        _field("CCPLy", receipt.rule.legal_basis),
        _field("MTCuu", receipt.lookup_code),
        _field("PhanSo", f"{receipt.part}/{receipt.parts}"),
        _field("MDKSo", promised),
        _corrected(receipt),
    )


def _corrected(receipt: Receipt) -> str:
    """Named as on its paper. Why it is corrected is told to the tax office, and not to everybody
    who holds the paper."""
    corrects = receipt.corrects
    if corrects is None:
        return ""
    return element(
        "TTCTLQuan",
        _field("TCCTu", CORRECTION_NAMES[receipt.type]),
        _field("KHMSCTLQuan", corrects.form_code),
        _field("KHCTLQuan", corrects.symbol),
        _field("SCTLQuan", corrects.printed_number),
        _field("NLCTLQuan", corrects.on.isoformat()),
    )


def _parties(receipt: Receipt, payer: Payer) -> tuple[str, str, str]:
    body = receipt.collecting_body
    collecting = element(
        "DVThu",
        _field("Ten", body.name),
        _field("MST", body.tax_code),
        _field("MDVi", body.agency_code),
        _field("DChi", body.address),
        _field("SDThoai", body.phone),
        _field("NThu", collected_by(receipt.fee.method)),
    )
    paying = element(
        "NNop",
        _field("Ten", payer.full_name),
        _field("MSDDanh", payer.identity_number),
        _field("DChi", payer.address),
    )
    return collecting, _delegate(body), paying


def _delegate(body: CollectingBody) -> str:
    """Decree 254/2026, article 4: a receipt of delegated issue names both bodies."""
    if body.delegate is None:
        return ""
    return element(
        "DVUNhiem",
        _field("Ten", body.delegate.name),
        _field("MST", body.delegate.tax_code),
        _field("DChi", body.delegate.address),
        _field("SVBUNhiem", body.delegate.agreement),
    )


def _item(position: int, line: FeeLine) -> str:
    return element(
        "KThu",
        _field("STT", str(position)),
        _field("MPLPhi", line.line_code),
        _field("Ten", line.name),
        _field("SLuong", str(line.quantity)),
        _field("STien", str(line.amount.minor_units)),
        _field("CCPLy", line.legal_basis),
    )


def _payment(receipt: Receipt) -> tuple[str, ...]:
    fee, amount = receipt.fee, receipt.amount
    total = element(
        "TToan",
        _field("LPLPhi", KIND_NAMES[receipt.kind]),
        _field("TgTTTBSo", str(amount.minor_units)),
        _field("TgTTTBChu", amount_in_words(amount.minor_units)),
        _field("MGDich", fee.provider_reference),
        _field("TGTToan", local(fee.paid_at).isoformat()),
    )
    return (
        total,
        _field("MaHoSo", fee.dossier_code),
        _field("MaKThu", fee.reference),
        _field("MaTTHC", fee.procedure_code),
        _field("TenTTHC", fee.procedure_name),
        _field("MYCTToan", str(fee.payment_intent_id)),
    )


def _field(tag: str, text: str | None) -> str:
    """What is not known is left out: an empty element would say that it is known to be nothing."""
    cleaned = clean(text)
    return element(tag, text_of(cleaned)) if cleaned else ""
