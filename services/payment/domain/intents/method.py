"""The ways to pay, and what kind of a try each of them is."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Method(StrEnum):
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


class Flow(StrEnum):
    """What the payer does: scan a code, send a transfer, go to the provider's own page, come to
    the counter, or hand over a cheque that has to clear."""

    CODE = "code"
    TRANSFER = "transfer"
    REDIRECT = "redirect"
    COUNTER = "counter"
    CLEARING = "clearing"


# Cards and wallets are entered on the provider's page alone: no card number ever comes here.
FLOWS: Final[Mapping[Method, Flow]] = {
    Method.VIETQR: Flow.CODE,
    Method.BANK_TRANSFER: Flow.TRANSFER,
    Method.DOMESTIC_CARD: Flow.REDIRECT,
    Method.INTERNATIONAL_CARD: Flow.REDIRECT,
    Method.VNPT_PAY: Flow.REDIRECT,
    Method.MOMO: Flow.REDIRECT,
    Method.ZALOPAY: Flow.REDIRECT,
    Method.INTERNET_BANKING: Flow.REDIRECT,
    Method.POS: Flow.COUNTER,
    Method.CASH: Flow.COUNTER,
    Method.E_CHEQUE: Flow.CLEARING,
}
