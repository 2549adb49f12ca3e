"""The ways to pay that a payer can agree to, and how each is called where they read it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Way(StrEnum):
    VIETQR = "vietqr"
    BANK_TRANSFER = "bank_transfer"
    DOMESTIC_CARD = "domestic_card"
    INTERNATIONAL_CARD = "international_card"
    VNPT_PAY = "vnpt_pay"
    MOMO = "momo"
    ZALOPAY = "zalopay"
    INTERNET_BANKING = "internet_banking"
    POS = "pos"
    CASH = "cash"
    E_CHEQUE = "e_cheque"


# Part of what is signed: a name once shown is never changed.
SHOWN: Final[Mapping[str, str]] = {
    Way.VIETQR: "quét mã VietQR",
    Way.BANK_TRANSFER: "chuyển khoản ngân hàng",
    Way.DOMESTIC_CARD: "thẻ ATM nội địa",
    Way.INTERNATIONAL_CARD: "thẻ quốc tế",
    Way.VNPT_PAY: "ví VNPT Pay",
    Way.MOMO: "ví MoMo",
    Way.ZALOPAY: "ví ZaloPay",
    Way.INTERNET_BANKING: "Internet Banking",
    Way.POS: "máy POS tại quầy",
    Way.CASH: "tiền mặt tại quầy",
    Way.E_CHEQUE: "séc điện tử",
}
# What a browser names as the way the money goes, in its own confirmation of a payment.
INSTRUMENTS: Final[Mapping[str, str]] = {
    Way.VIETQR: "VietQR",
    Way.BANK_TRANSFER: "Chuyển khoản",
    Way.DOMESTIC_CARD: "Thẻ ATM",
    Way.INTERNATIONAL_CARD: "Thẻ quốc tế",
    Way.VNPT_PAY: "VNPT Pay",
    Way.MOMO: "MoMo",
    Way.ZALOPAY: "ZaloPay",
    Way.INTERNET_BANKING: "Internet Banking",
    Way.POS: "POS",
    Way.CASH: "Tiền mặt",
    Way.E_CHEQUE: "Séc điện tử",
}
# Money changes hands before an officer: only at their counter can it be agreed to.
AT_COUNTER: Final = frozenset({Way.POS, Way.CASH})
