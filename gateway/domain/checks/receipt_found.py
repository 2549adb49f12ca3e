"""A receipt as the look-up page shows it, and what is said of a file that somebody brought."""

from dataclasses import dataclass
from datetime import datetime

from chassis.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLine:
    name: str
    quantity: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedReceipt:
    relation: str
    form_code: str
    symbol: str
    printed_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundReceipt:
    """`standing` is the receipt service's word. The paths open its files; null until signed."""

    form_code: str
    symbol: str
    printed_number: str
    kind: str
    agency_name: str
    payer_masked: str
    amount: Money
    amount_in_words: str
    lines: tuple[FoundLine, ...]
    numbered_at: datetime
    issued_at: datetime | None
    signed_by: str | None
    xml_path: str | None
    pdf_path: str | None
    standing: str
    linked: tuple[LinkedReceipt, ...]
    refunded: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedItem:
    name: str
    valid: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedReceipt:
    form_code: str
    symbol: str
    printed_number: str
    kind: str
    agency_name: str
    amount: Money
    issued_at: datetime | None
    standing: str
    linked: tuple[LinkedReceipt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """`signed_well` is None when nobody could judge the signatures."""

    form: str
    sha256: str
    origin: str
    signed_well: bool | None
    items: tuple[CheckedItem, ...]
    receipt: CheckedReceipt | None
