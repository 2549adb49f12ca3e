"""VietQR, the one code on a slip that any bank or wallet pays: read strictly, write plainly."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from services.payment.domain.errors import UnreadableQr, UnwritableQr
from services.payment.domain.qr import emvco

__all__ = [
    "SERVICE_TO_ACCOUNT",
    "UnreadableQr",
    "UnwritableQr",
    "VietQr",
    "fold",
    "read_qr",
    "write_qr",
]

NAPAS_GUID: Final = "A000000727"
VND: Final = "704"
STATIC: Final = "11"
DYNAMIC: Final = "12"
SERVICE_TO_ACCOUNT: Final = "QRIBFTTA"
SERVICE_CODES: Final = frozenset({SERVICE_TO_ACCOUNT, "QRIBFTTC", "QRPUSH"})
MERCHANT_NAME_LENGTH_MAX: Final = 25
MERCHANT_CITY_LENGTH_MAX: Final = 15
ADDITIONAL_LENGTH_MAX: Final = 25
AMOUNT_LENGTH_MAX: Final = 13

_BIN = re.compile(r"[0-9]{6}|[0-9]{8}")
_ACCOUNT = re.compile(r"[A-Za-z0-9]{1,19}")
_AMOUNT = re.compile(r"([0-9]{1,13})(\.0{0,2})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_MCC = re.compile(r"[0-9]{4}")
_OTHER_TAG = re.compile(r"[0-9]{2}|(38|62)\.[0-9]{2}")
_ADDITIONAL = re.compile(r"[A-Za-z0-9 ._-]{1,25}")
_OWN_TAGS: Final = frozenset({"00", "01", "38", "52", "53", "54", "58", "59", "60", "62", "63"})
_OWN_NESTED_TAGS: Final = frozenset({"38.00", "38.01", "38.02", "62.01", "62.08"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VietQr:
    bank_bin: str
    account: str
    service_code: str = SERVICE_TO_ACCOUNT
    amount: int | None = None
    currency: str = VND
    bill_number: str | None = None
    purpose: str | None = None
    merchant_name: str | None = None
    merchant_city: str | None = None
    country: str = "VN"
    mcc: str | None = None
    point_of_initiation: str | None = None
    # What we do not understand but keep when building the code again: ("26", …), ("62.05", …).
    other: tuple[tuple[str, str], ...] = ()


def read_qr(payload: str) -> VietQr:
    """What a payload says. A right checksum is not enough: the nesting must be right as well."""
    fields = emvco.open_payload(payload)
    if "38" not in fields:
        raise UnreadableQr("no_vietqr", "The code has no VietQR account (tag 38).")
    account = emvco.split(fields["38"], inside="38")
    bank_bin, number = _read_beneficiary(account)
    additional = emvco.split(fields["62"], inside="62") if "62" in fields else {}
    other = [(tag, value) for tag, value in fields.items() if tag not in _OWN_TAGS]
    for outer, inner in (("38", account), ("62", additional)):
        named = [(f"{outer}.{tag}", value) for tag, value in inner.items()]
        other += [pair for pair in named if pair[0] not in _OWN_NESTED_TAGS]
    return VietQr(
        bank_bin=bank_bin,
        account=number,
        service_code=_read_service_code(account),
        amount=_read_amount(fields.get("54")),
        currency=_read_currency(fields.get("53")),
        bill_number=additional.get("01"),
        purpose=additional.get("08"),
        merchant_name=fields.get("59"),
        merchant_city=fields.get("60"),
        country=_read_country(fields.get("58")),
        mcc=_read_mcc(fields.get("52")),
        point_of_initiation=_read_point_of_initiation(fields.get("01")),
        other=tuple(sorted(other)),
    )


def write_qr(qr: VietQr) -> str:
    """The payload of the code: plain letters only, fields in one order, upper-case checksum."""
    _refuse_unwritable(qr)
    beneficiary = emvco.join([("00", qr.bank_bin), ("01", qr.account)])
    account = {"00": NAPAS_GUID, "01": beneficiary, "02": qr.service_code}
    additional = {"01": _additional(qr.bill_number), "08": _additional(qr.purpose)}
    fields: dict[str, str | None] = {
        "00": "01",
        "01": qr.point_of_initiation,
        "52": qr.mcc,
        "53": qr.currency,
        "54": None if qr.amount is None else str(qr.amount),
        "58": qr.country,
        "59": _cut(qr.merchant_name, MERCHANT_NAME_LENGTH_MAX),
        "60": _cut(qr.merchant_city, MERCHANT_CITY_LENGTH_MAX),
    }
    for tag, value in qr.other:
        outer, _, inner = tag.partition(".")
        if not inner:
            fields[tag] = value
        elif outer == "38":
            account[inner] = value
        else:
            additional[inner] = value
    fields["38"] = emvco.join(sorted(account.items()))
    present = {tag: value for tag, value in additional.items() if value}
    fields["62"] = emvco.join(sorted(present.items())) if present else None
    return emvco.close_payload({tag: value for tag, value in fields.items() if value})


def fold(text: str) -> str:
    """The text in plain ASCII: diacritics dropped, đ as d, anything else as a space."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join("".join(letter if " " <= letter <= "~" else " " for letter in letters).split())


def _read_beneficiary(account: dict[str, str]) -> tuple[str, str]:
    if account.get("00", "").upper() != NAPAS_GUID:
        raise UnreadableQr("wrong_nesting", f"Field 38 does not name the scheme {NAPAS_GUID}.")
    if "01" not in account:
        raise UnreadableQr("wrong_nesting", "Field 38 names no bank and account (38.01).")
    beneficiary = emvco.split(account["01"], inside="38.01")
    if "02" in beneficiary:
        raise UnreadableQr("wrong_nesting", "The service code stands inside 38.01, not beside it.")
    if set(beneficiary) != {"00", "01"}:
        raise UnreadableQr("wrong_nesting", "Field 38.01 must hold a bank and an account, no more.")
    if not _BIN.fullmatch(beneficiary["00"]):
        raise UnreadableQr("wrong_bank", "The bank's number (38.01.00) must be 6 or 8 digits.")
    if not _ACCOUNT.fullmatch(beneficiary["01"]):
        raise UnreadableQr(
            "wrong_account", "The account (38.01.01) must be 1 to 19 letters, digits."
        )
    return beneficiary["00"], beneficiary["01"]


def _read_service_code(account: dict[str, str]) -> str:
    code = account.get("02", SERVICE_TO_ACCOUNT)
    if code not in SERVICE_CODES:
        raise UnreadableQr("wrong_service", "The service code (38.02) is not one we know.")
    return code


def _read_amount(text: str | None) -> int | None:
    if text is None:
        return None
    amount = _AMOUNT.fullmatch(text)
    if amount is None or len(text) > AMOUNT_LENGTH_MAX or int(amount[1]) == 0:
        raise UnreadableQr(
            "bad_amount", "The amount (tag 54) is not a positive number of whole đồng."
        )
    return int(amount[1])


def _read_currency(text: str | None) -> str:
    if text != VND:
        raise UnreadableQr("wrong_currency", f"The currency (tag 53) must be {VND}, the đồng.")
    return text


def _read_country(text: str | None) -> str:
    if text is None or not _COUNTRY.fullmatch(text):
        raise UnreadableQr("wrong_country", "The country (tag 58) must be two capital letters.")
    return text


def _read_mcc(text: str | None) -> str | None:
    if text is not None and not _MCC.fullmatch(text):
        raise UnreadableQr("wrong_category", "The merchant category (tag 52) must be four digits.")
    return text


def _read_point_of_initiation(text: str | None) -> str | None:
    # Whether it agrees with the presence of an amount is not our quarrel: real codes differ.
    if text not in (None, STATIC, DYNAMIC):
        raise UnreadableQr("wrong_initiation", "Tag 01 must be 11 (static) or 12 (dynamic).")
    return text


def _refuse_unwritable(qr: VietQr) -> None:
    faults = {
        "The bank's number must be 6 or 8 digits.": not _BIN.fullmatch(qr.bank_bin),
        "The account must be 1 to 19 letters and digits.": not _ACCOUNT.fullmatch(qr.account),
        "The service code is not one we know.": qr.service_code not in SERVICE_CODES,
        "The amount must be positive, of at most 13 digits.": qr.amount is not None
        and not 0 < qr.amount < 10**AMOUNT_LENGTH_MAX,
        "Only đồng (704) may be asked.": qr.currency != VND,
        "The country must be two capital letters.": not _COUNTRY.fullmatch(qr.country),
        "The merchant category must be four digits.": qr.mcc is not None
        and not _MCC.fullmatch(qr.mcc),
        "Tag 01 must be 11 or 12.": qr.point_of_initiation not in (None, STATIC, DYNAMIC),
        "A kept field must have a tag that is not ours and plain text.": any(
            not _OTHER_TAG.fullmatch(tag) or tag in _OWN_TAGS | _OWN_NESTED_TAGS
            for tag, value in qr.other
        ),
        "A kept field stands there twice.": len(dict(qr.other)) != len(qr.other),
    }
    for fault, found in faults.items():
        if found:
            raise UnwritableQr(fault)


def _additional(text: str | None) -> str | None:
    """Text for field 62, folded. It comes back as the transfer's memo, so it is never cut."""
    if text is None:
        return None
    plain = fold(text)
    if not _ADDITIONAL.fullmatch(plain):
        raise UnwritableQr(
            f"{plain!r} must be 1 to {ADDITIONAL_LENGTH_MAX} letters, digits, spaces, . _ or -."
        )
    return plain


def _cut(text: str | None, length: int) -> str | None:
    return fold(text)[:length].rstrip() or None if text else None
