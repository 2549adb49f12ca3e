"""Form 01/ĐKTĐ-CTĐT as XML, in the names of the tax authority's public viewer.

Two public sources disagree about the leaves; where they do, the viewer's names are taken. The
mapping is all here. The file is a draft to be signed and sent on the tax portal.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from chassis.clock import vietnam_date
from services.receipt.domain.series.delegation import Delegation
from services.receipt.domain.series.life import WITH_FACE_VALUE
from services.receipt.domain.series.registration import (
    Registration,
    RegistrationKind,
    Sending,
    SigningCertificate,
)
from services.receipt.renderers.canonical_xml import element, text_of
from services.receipt.renderers.wording import clean

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
VERSION: Final = "2.1.0"
FORM: Final = "01/ĐKTĐ-CTĐT"
TITLE: Final = "Tờ khai đăng ký/thay đổi thông tin sử dụng chứng từ điện tử"
KINDS: Final = {RegistrationKind.NEW: 1, RegistrationKind.CHANGE: 2}
NEW_CERTIFICATE: Final = 1


def registration_xml(registration: Registration, delegations: Sequence[Delegation]) -> bytes:
    content = element(
        "NDTKhai",
        # The agency issues by itself, not through the tax authority's system.
        element("DTPHanh", _field("TCCNPHanh", 1), _field("CQTPHanh", 0)),
        _forms(registration),
        element(
            "HTGDLCTDT",
            _field("CDLQCCQT", int(registration.content.sending is Sending.DIRECT)),
            _field("CDLQTCTN", int(registration.content.sending is Sending.THROUGH_PROVIDER)),
        ),
        element(
            "DSCTSSDung",
            *(
                _certificate(place, one)
                for place, one in enumerate(registration.content.certificates, 1)
            ),
        ),
        element(
            "DSDKUNhiem", *(_delegation(place, one) for place, one in enumerate(delegations, 1))
        ),
    )
    whole = element("TKhai", element("DLTKhai", _general(registration), content))
    return (DECLARATION + whole).encode()


def _general(registration: Registration) -> str:
    said = registration.content
    return element(
        "TTChung",
        _field("PBan", VERSION),
        _field("MSo", FORM),
        _field("Ten", TITLE),
        _field("HThuc", KINDS[said.kind]),
        _field("TNNT", said.agency_name),
        _field("MST", said.tax_code),
        _field("CQTQLy", said.tax_office.name),
        _field("MCQTQLy", said.tax_office.code),
        _field("NLHe", said.contact.name),
        _field("DCLHe", said.contact.address),
        _field("DTLHe", said.contact.phone),
        _field("DCTDTu", said.contact.email),
        _field("NLap", vietnam_date(registration.drafted_at)),
    )


def _forms(registration: Registration) -> str:
    with_value = [one for one in registration.content.forms if one.startswith(WITH_FACE_VALUE)]
    return element(
        "LHSDung",
        _field("BLTPLPKIn", int(len(with_value) < len(registration.content.forms))),
        _field("BLTPLPIn", int(bool(with_value))),
    )


def _certificate(place: int, one: SigningCertificate) -> str:
    return element(
        "CTS",
        _field("STT", place),
        _field("TTChuc", one.issuer),
        _field("Seri", one.serial),
        _field("TNgay", one.valid_from),
        _field("DNgay", one.valid_to),
        _field("HThuc", NEW_CERTIFICATE),
    )


def _delegation(place: int, one: Delegation) -> str:
    return element(
        "DKUNhiem",
        _field("STT", place),
        _field("TLCTu", "Biên lai thu phí, lệ phí điện tử"),
        _field("MST", one.delegate.tax_code),
        _field("TTChuc", one.delegate.name),
        _field("MDich", one.purpose),
        _field("TNgay", one.valid_from),
        _field("DNgay", one.valid_to),
    )


def _field(tag: str, value: str | int | date | datetime) -> str:
    text = value.isoformat() if isinstance(value, date | datetime) else str(value)
    return element(tag, text_of(clean(text)))
