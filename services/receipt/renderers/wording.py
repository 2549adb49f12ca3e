"""How a receipt spells things, for the XML and the PDF alike."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from chassis.clock import VIETNAM
from chassis.money import Money
from services.receipt.domain.fee import Kind

KIND_NAMES: Final[Mapping[Kind, str]] = {Kind.PHI: "Phí", Kind.LE_PHI: "Lệ phí"}
METHOD_NAMES: Final[Mapping[str, str]] = {
    "vietqr": "Chuyển khoản (mã VietQR)",
    "bank_transfer": "Chuyển khoản",
    "cash": "Tiền mặt",
    "card": "Thẻ ngân hàng",
}


def clean(text: str | None) -> str:
    """One line, composed letters, nothing that XML or a page cannot hold."""
    whole = unicodedata.normalize("NFC", text or "")
    # Control characters, lone surrogates and non-characters: none of them is ever part of a name.
    kept = (" " if c.isspace() else c for c in whole if c.isspace() or not _unfit(c))
    return " ".join("".join(kept).split())


def figures(amount: Money) -> str:
    return f"{amount.minor_units:,}".replace(",", ".")


def method_name(method: str) -> str:
    return METHOD_NAMES.get(method, clean(method))


def local(instant: datetime) -> datetime:
    """To the second, as a clock on the wall of the office shows it."""
    return instant.astimezone(VIETNAM).replace(microsecond=0)


def _unfit(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Cn"}
