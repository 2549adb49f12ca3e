"""From what a line says to a row, or to the reason why it is none."""

import re
from datetime import datetime, timedelta
from typing import Final

from chassis.clock import VIETNAM
from chassis.money import Money
from services.payment.domain.intents.bill_reference import named_references
from services.payment.domain.settlements.row import (
    BadLine,
    BadLineReason,
    Movement,
    SettlementRow,
    TheirStatus,
)
from services.payment.providers.settlement_files.said import Said

AMOUNT_MAX: Final = 10**15
FUTURE_MAX: Final = timedelta(days=1)
AGE_MAX: Final = timedelta(days=3 * 366)
REFERENCE: Final = re.compile(r"[\x21-\x7e]{1,100}")
CURRENCY: Final = re.compile(r"[A-Z]{3}")
_DIGITS: Final = re.compile(r"[0-9]{1,16}")
# One kind of separator, groups of three: 1.234.000 and 1,234,000 are the same.
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?:,[0-9]{3})+")
_NO_FRACTION: Final = re.compile(r"(.*[0-9])[.,]00?")
_FRACTION: Final = re.compile(r"([0-9]{1,14})(?:\.([0-9]{1,2}))?")
_DAY_FIRST: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?: ([0-9:]{5,8}))?")
MOVEMENTS: Final = {
    "": Movement.PAYMENT,
    "payment": Movement.PAYMENT,
    "pay": Movement.PAYMENT,
    "tt": Movement.PAYMENT,
    "refund": Movement.REFUND,
    "ht": Movement.REFUND,
}
STATUSES: Final = {
    "": TheirStatus.SUCCEEDED,
    "succeeded": TheirStatus.SUCCEEDED,
    "success": TheirStatus.SUCCEEDED,
    "paid": TheirStatus.SUCCEEDED,
    "00": TheirStatus.SUCCEEDED,
    "failed": TheirStatus.FAILED,
    "fail": TheirStatus.FAILED,
    "cancelled": TheirStatus.FAILED,
    "02": TheirStatus.FAILED,
    "pending": TheirStatus.PENDING,
    "processing": TheirStatus.PENDING,
    "01": TheirStatus.PENDING,
}


class _Bad(Exception):
    def __init__(self, reason: BadLineReason) -> None:
        super().__init__(reason)
        self.reason = reason


def row_or_bad_line(said: Said, *, now: datetime) -> SettlementRow | BadLine:
    try:
        return _row(said, now)
    except _Bad as bad:
        return BadLine(line=said.line, reason=bad.reason, raw=said.raw)


def _row(said: Said, now: datetime) -> SettlementRow:
    texts = {name: text.strip() for name, text in said.texts.items()}
    reference = texts.get("provider_reference", "")
    order = texts.get("order_reference") or None
    if not REFERENCE.fullmatch(reference) or (order and not REFERENCE.fullmatch(order)):
        raise _Bad(BadLineReason.NO_REFERENCE)
    movement = MOVEMENTS.get(texts.get("movement", "").lower())
    if movement is None:
        raise _Bad(BadLineReason.BAD_MOVEMENT)
    status = STATUSES.get(texts.get("status", "").lower())
    if status is None:
        raise _Bad(BadLineReason.BAD_STATUS)
    currency = (texts.get("currency") or "VND").upper()
    if not CURRENCY.fullmatch(currency):
        raise _Bad(BadLineReason.BAD_CURRENCY)
    amount = _minor_units(texts.get("amount", ""), currency)
    if amount is None or amount == 0:
        raise _Bad(BadLineReason.BAD_AMOUNT)
    bills = named_references(texts.get("bill_reference"), texts.get("memo")).bills
    return SettlementRow(
        line=said.line,
        movement=movement,
        provider_reference=reference,
        order_reference=order,
        bill_reference=bills[0] if len(bills) == 1 else None,
        amount=Money(amount, currency),
        fee=_fee(texts.get("fee", ""), currency),
        status=status,
        moved_at=_moved_at(texts.get("moved_at", ""), now),
        raw=said.raw,
    )


def _minor_units(text: str, currency: str) -> int | None:
    """Đồng have no fraction; other currencies are taken to have two digits of it."""
    if currency != "VND":
        found = _FRACTION.fullmatch(text)
        return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else None
    if whole := _NO_FRACTION.fullmatch(text):
        text = whole[1]
    if _GROUPED.fullmatch(text):
        text = text.replace(".", "").replace(",", "")
    if not _DIGITS.fullmatch(text) or int(text) > AMOUNT_MAX:
        return None
    return int(text)


def _fee(text: str, currency: str) -> int | None:
    if not text:
        return None
    fee = _minor_units(text, currency)
    if fee is None:
        raise _Bad(BadLineReason.BAD_FEE)
    return fee


def _moved_at(text: str, now: datetime) -> datetime:
    """Vietnam's time where the line names no offset."""
    moment = _read_time(text)
    if moment is None:
        raise _Bad(BadLineReason.BAD_TIME)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=VIETNAM)
    if not now - AGE_MAX <= moment <= now + FUTURE_MAX:
        raise _Bad(BadLineReason.TIME_OUT_OF_RANGE)
    return moment


def _read_time(text: str) -> datetime | None:
    if len(text) == 14 and text.isascii() and text.isdigit():
        # The basic form without a T is not what fromisoformat reads.
        text = f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:]}"
    elif found := _DAY_FIRST.fullmatch(text):
        text = f"{found[3]}-{found[2]}-{found[1]}T{found[4] or '00:00'}"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
