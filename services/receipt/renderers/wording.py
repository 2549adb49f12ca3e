"""How a receipt spells things, for the XML and the PDF alike."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from unicodedata import normalize

from chassis.clock import VIETNAM
from chassis.money import Money
from services.receipt.domain.receipts.fee import Kind
from services.receipt.domain.receipts.standing import ReceiptType

KIND_NAMES: Final[Mapping[Kind, str]] = {Kind.PHI: "Phí", Kind.LE_PHI: "Lệ phí"}
METHOD_NAMES: Final[Mapping[str, str]] = {
    "vietqr": "Chuyển khoản (mã VietQR)",
    "bank_transfer": "Chuyển khoản",
    "domestic_card": "Thẻ ATM nội địa",
    "international_card": "Thẻ quốc tế",
    "vnpt_pay": "Ví VNPT Pay",
    "momo": "Ví MoMo",
    "zalopay": "Ví ZaloPay",
    "internet_banking": "Internet Banking",
    "pos": "Thẻ, máy POS tại quầy",
    "cash": "Tiền mặt",
    "e_cheque": "Séc điện tử",
}
# Who took it by name is in the counter's books; the receipt says where.
AT_THE_COUNTER: Final = frozenset({"cash", "pos"})
COLLECTED_ONLINE: Final = "Thu trực tuyến qua hệ thống thanh toán của cơ quan thu"
COLLECTED_AT_COUNTER: Final = "Cán bộ thu tại quầy của cơ quan thu"
CORRECTION_NAMES: Final[Mapping[ReceiptType, str]] = {
    ReceiptType.REPLACEMENT: "Thay thế",
    ReceiptType.INCREASE: "Điều chỉnh tăng",
    ReceiptType.DECREASE: "Điều chỉnh giảm",
    ReceiptType.INFORMATION: "Điều chỉnh thông tin",
}
STANDING_NAMES: Final[Mapping[str, str]] = {
    "being_signed": "Đang ký số",
    "valid": "Còn hiệu lực",
    "replaced": "Đã bị thay thế",
    "adjusted": "Đã điều chỉnh",
    "cancelled": "Đã hủy",
    "partly_refunded": "Hoàn trả một phần",
    "refunded": "Đã hoàn trả",
}
# Controls but for white space, marks and letters that are not seen but turn, join or part what is
# (zero width, right to left, fillers, selectors, tags), lone surrogates and non-characters: none is
# ever part of a name.
UNFIT: Final = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff]"
)

# What the font of the page can show: Vietnamese, most other Latin letters, punctuation.
EUROPEAN: Final = "ĀāĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĨĩĪīĮįİıŁłŃńŇňŌōŐőŒœŔŕŘřŚśŞşŠšŢţŤťŨũŪūŮůŰűŲųŸŹźŻżŽž"
UNSHOWABLE: Final = re.compile(f"[^ -~\u00a1-\u00ff{EUROPEAN}ƠơƯưẠ-ỹ‘’“”–—…•€₫]")


def clean(text: str | None) -> str:
    """One line, composed letters, nothing that XML or a page cannot hold."""
    # What stood between a letter and its mark is gone before they are put together.
    return " ".join(normalize("NFC", UNFIT.sub("", text or "")).split())


def shown(text: str | None) -> str:
    """For the page only. A letter its font lacks becomes a question mark; the original has it."""
    return UNSHOWABLE.sub("?", clean(text))


def figures(amount: Money) -> str:
    return grouped(amount.minor_units)


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def method_name(method: str) -> str:
    return METHOD_NAMES.get(method, clean(method))


def collected_by(method: str) -> str:
    return COLLECTED_AT_COUNTER if method in AT_THE_COUNTER else COLLECTED_ONLINE


def local(instant: datetime) -> datetime:
    """To the second, as a clock on the wall of the office shows it."""
    return instant.astimezone(VIETNAM).replace(microsecond=0)
