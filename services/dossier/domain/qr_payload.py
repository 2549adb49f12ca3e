"""Reading an EMVCo merchant QR as a wallet would, to know whom and how much it pays."""

from binascii import crc_hqx
from dataclasses import dataclass
from typing import Final

from chassis.money import Money
from services.dossier.domain.catalog import CollectionAccount
from services.dossier.domain.errors import QrDoesNotFit

NAPAS: Final = "A000000727"
VIETNAMESE_DONG: Final = "704"
CRC_TAG: Final = "6304"
CRC_START: Final = 0xFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class QrFacts:
    bank_bin: str
    account_number: str
    amount: int
    currency: str
    bill_number: str
    purpose: str


def read_qr(payload: str) -> QrFacts:
    """What the code says, after its check sum and its nesting were found whole."""
    body, crc = payload[:-4], payload[-4:]
    if not body.endswith(CRC_TAG) or f"{crc_hqx(body.encode(), CRC_START):04X}" != crc.upper():
        raise QrDoesNotFit("its check sum is wrong")
    fields = _fields(payload)
    account = _fields(fields.get("38", ""))
    beneficiary = _fields(account.get("01", ""))
    more = _fields(fields.get("62", ""))
    amount = fields.get("54", "")
    if account.get("00") != NAPAS or not amount.isdecimal():
        raise QrDoesNotFit("it is no transfer of a fixed amount")
    return QrFacts(
        bank_bin=beneficiary.get("00", ""),
        account_number=beneficiary.get("01", ""),
        amount=int(amount),
        currency=fields.get("53", ""),
        bill_number=more.get("01", ""),
        purpose=more.get("08", ""),
    )


def check_pays(payload: str, *, amount: Money, payee: CollectionAccount) -> None:
    facts = read_qr(payload)
    if (facts.bank_bin, facts.account_number) != (payee.bank_bin, payee.account_number):
        raise QrDoesNotFit("it pays another account")
    if (facts.amount, facts.currency) != (amount.minor_units, VIETNAMESE_DONG):
        raise QrDoesNotFit("it pays another amount")


def _fields(text: str) -> dict[str, str]:
    """Tag, two-digit length, value; and again until the end, which must be met exactly."""
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):
        tag, length = text[at : at + 2], text[at + 2 : at + 4]
        if not (tag.isdecimal() and length.isdecimal()):
            raise QrDoesNotFit("it is not built of tags and lengths")
        start, at = at + 4, at + 4 + int(length)
        if at > len(text) or tag in fields:
            raise QrDoesNotFit("its fields overrun or repeat")
        fields[tag] = text[start:at]
    return fields
