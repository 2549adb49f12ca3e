"""The receipt as XML: our own namespace and shape, in the tag style of the tax authority.

The stored file is exactly `<?xml …?>`, a line feed, and the exclusive canonical form of the root,
so a verifier can refuse any other spelling of the same content.
"""

from datetime import datetime
from typing import Final

from lxml import etree

from services.receipt.domain.receipts.amount_in_words import amount_in_words
from services.receipt.domain.receipts.fee import FeeLine, Payer
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.signing import Signers
from services.receipt.renderers.wording import KIND_NAMES, clean, local, method_name
from services.receipt.renderers.xades import canonical, sign_enveloped

NAMESPACE: Final = "urn:lephi:bien-lai:1"
VERSION: Final = "1.0.0"
DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
COLLECTED_BY: Final = "Thu trực tuyến qua hệ thống thanh toán của cơ quan thu"


class XmlReceiptSigner:
    def __init__(self, signers: Signers) -> None:
        self._signers = signers

    async def sign(self, receipt: Receipt, payer: Payer, *, at: datetime) -> bytes:
        signer = await self._signers.of(receipt.collecting_body.agency_code)
        root = _draw_up(receipt, payer)
        signatures = etree.SubElement(root, _tag("DSCKS"))
        place = etree.SubElement(signatures, _tag("DVThu"))
        await sign_enveloped(root, place, signer=signer, at=local(at), name=receipt.id.hex)
        return DECLARATION + canonical(root)


def _draw_up(receipt: Receipt, payer: Payer) -> etree._Element:
    root = etree.Element(_tag("BLai"), nsmap={None: NAMESPACE})
    data = etree.SubElement(root, _tag("DLBLai"), Id=f"BL-{receipt.id.hex}")
    _add_general(data, receipt)
    content = etree.SubElement(data, _tag("NDBLai"))
    _add_parties(content, receipt, payer)
    items = etree.SubElement(content, _tag("DSKThu"))
    for position, line in enumerate(receipt.lines, start=1):
        _add_item(items, position, line)
    _add_payment(content, receipt)
    return root


def _add_general(data: etree._Element, receipt: Receipt) -> None:
    general = etree.SubElement(data, _tag("TTChung"))
    _add(general, "PBan", VERSION)
    _add(general, "TBLai", receipt.rule.title)
    _add(general, "KHMSCTu", receipt.number.series.form_code)
    _add(general, "KHCTu", receipt.number.series.symbol)
    _add(general, "SCTu", receipt.number.printed)
    _add(general, "NLap", local(receipt.numbered_at).date().isoformat())
    _add(general, "DVTTe", receipt.amount.currency)
    _add(general, "HTTToan", method_name(receipt.fee.method))
    _add(general, "CCPLy", receipt.rule.legal_basis)
    _add(general, "MTCuu", receipt.lookup_code)
    _add(general, "PhanSo", f"{receipt.part}/{receipt.parts}")


def _add_parties(content: etree._Element, receipt: Receipt, payer: Payer) -> None:
    body = receipt.collecting_body
    collecting = etree.SubElement(content, _tag("DVThu"))
    _add(collecting, "Ten", body.name)
    _add(collecting, "MST", body.tax_code)
    _add(collecting, "MDVi", body.agency_code)
    _add(collecting, "DChi", body.address)
    _add(collecting, "SDThoai", body.phone)
    _add(collecting, "NThu", COLLECTED_BY)
    paying = etree.SubElement(content, _tag("NNop"))
    _add(paying, "Ten", payer.full_name)
    _add(paying, "MSDDanh", payer.identity_number)
    _add(paying, "DChi", payer.address)


def _add_item(items: etree._Element, position: int, line: FeeLine) -> None:
    item = etree.SubElement(items, _tag("KThu"))
    _add(item, "STT", str(position))
    _add(item, "MPLPhi", line.line_code)
    _add(item, "Ten", line.name)
    _add(item, "SLuong", str(line.quantity))
    _add(item, "STien", str(line.amount.minor_units))
    _add(item, "CCPLy", line.legal_basis)


def _add_payment(content: etree._Element, receipt: Receipt) -> None:
    fee = receipt.fee
    total = etree.SubElement(content, _tag("TToan"))
    _add(total, "LPLPhi", KIND_NAMES[receipt.kind])
    _add(total, "TgTTTBSo", str(receipt.amount.minor_units))
    _add(total, "TgTTTBChu", amount_in_words(receipt.amount.minor_units))
    _add(total, "MGDich", fee.provider_reference)
    _add(total, "TGTToan", local(fee.paid_at).isoformat())
    _add(content, "MaHoSo", fee.dossier_code)
    _add(content, "MaKThu", fee.reference)
    _add(content, "MaTTHC", fee.procedure_code)
    _add(content, "TenTTHC", fee.procedure_name)
    _add(content, "MYCTToan", str(fee.payment_intent_id))


def _add(parent: etree._Element, name: str, text: str | None) -> None:
    """What is not known is left out: an empty element would say that it is known to be nothing."""
    cleaned = clean(text)
    if cleaned:
        etree.SubElement(parent, _tag(name)).text = cleaned


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
