"""Form 04/SS-CTĐT as XML: an electronic document that was wrong, told to the tax office.

The names are those of the tax authority's public viewer; the reason stands in it, and so it is for
the tax office and the agency alone. A person signs and sends it on the tax portal.
"""

from datetime import date
from typing import Final

from services.receipt.domain.amendments.amendment import Amendment, AmendmentType, Notice
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.series.life import WITH_FACE_VALUE
from services.receipt.renderers.canonical_xml import element, text_of
from services.receipt.renderers.wording import clean, local

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
VERSION: Final = "2.1.0"
FORM: Final = "04/SS-CTĐT"
TITLE: Final = "Thông báo chứng từ điện tử đã lập sai"
# 1: told by whoever drew the documents up; 2 would explain at the tax office's request.
TOLD_BY_ISSUER: Final = 1
WITHOUT_FACE_VALUE: Final = 3
FACE_VALUE: Final = 4
# Our reading; the viewer has no name for them.
NATURES: Final = {
    AmendmentType.CANCELLATION: "Hủy",
    AmendmentType.REPLACEMENT: "Thay thế",
    AmendmentType.INCREASE: "Điều chỉnh tăng",
    AmendmentType.DECREASE: "Điều chỉnh giảm",
    AmendmentType.INFORMATION: "Điều chỉnh thông tin",
}


def notice_xml(amendment: Amendment, receipt: Receipt, notice: Notice) -> bytes:
    """`receipt`: the one that was wrong."""
    body, series = receipt.collecting_body, receipt.number.series
    general = element(
        "TTChung",
        _field("PBan", VERSION),
        _field("MSo", FORM),
        _field("Ten", TITLE),
        _field("SBTBao", f"{notice.number:04d}/{notice.year}"),
        _field("NTBao", notice.on),
        _field("TNNT", body.name),
        _field("MST", body.tax_code),
    )
    document = element(
        "CTu",
        _field("STT", 1),
        _field("KHMSCTu", series.form_code),
        _field("KHCTu", series.symbol),
        _field("SCTu", receipt.number.printed),
        _field("NLap", local(receipt.numbered_at).date()),
        _field(
            "LCTDT",
            FACE_VALUE if series.form_code.startswith(WITH_FACE_VALUE) else WITHOUT_FACE_VALUE,
        ),
        _field("TCTBao", NATURES[amendment.type]),
        _field("LDo", amendment.reason),
    )
    content = element("DLTBao", general, _field("Loai", TOLD_BY_ISSUER), element("DSCTu", document))
    return (DECLARATION + element("TBao", content)).encode()


def _field(tag: str, value: str | int | date) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    return element(tag, text_of(clean(text)))
