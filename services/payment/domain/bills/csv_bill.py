"""What the columns of a file of bills mean. One line is one bill, of one fee or up to five."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from chassis.clock import VIETNAM
from chassis.money import Money
from services.payment.domain.bills.bill_request import (
    CURRENCY,
    DOSSIER_CODE_PATTERN,
    REFERENCE_PATTERN,
    BillRequest,
    RequestedLine,
    RequestedPayer,
)
from services.payment.domain.bills.errors import UnreadableFile, UnreadableLine
from services.payment.domain.bills.texts import one_line
from services.payment.domain.intents.payment_intent import FeeKind

FEES_MAX: Final = 5
REQUIRED: Final = (
    "reference",
    "agency_code",
    "due_at",
    "payer_name",
    "line_code",
    "line_name",
    "kind",
    "amount",
    "legal_basis",
)
OF_THE_BILL: Final = frozenset(
    {
        "reference",
        "agency_code",
        "due_at",
        "payer_name",
        "payer_identity_number",
        "payer_tax_code",
        "payer_address",
        "payer_email",
        "payer_phone",
        "dossier_code",
        "total",
    }
)
OF_A_FEE: Final = frozenset(
    {"line_code", "line_name", "kind", "quantity", "amount", "legal_basis", "line_agency_code"}
)
# The second fee of a line has its columns under the same names with `_2`, and so on.
COLUMNS: Final = OF_THE_BILL | {
    name if place == 1 else f"{name}_{place}"
    for name in OF_A_FEE
    for place in range(1, FEES_MAX + 1)
}
LENGTHS: Final[Mapping[str, int]] = {
    "reference": 50,
    "agency_code": 50,
    "line_code": 50,
    "line_agency_code": 50,
    "payer_identity_number": 50,
    "payer_tax_code": 50,
    "payer_phone": 50,
    "dossier_code": 50,
}
LENGTH_MAX: Final = 255
AMOUNT_MAX: Final = 10**12

_REFERENCE: Final = re.compile(REFERENCE_PATTERN)
_DOSSIER_CODE: Final = re.compile(DOSSIER_CODE_PATTERN)
_WHOLE: Final = re.compile(r"[0-9]{1,12}")
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Header:
    columns: tuple[str, ...]

    @classmethod
    def read(cls, fields: Sequence[str] | None) -> "Header":
        """Raises UnreadableFile: nothing in a file makes sense without its columns' names."""
        names = tuple(one.strip().lower() for one in fields or ())
        missing = [name for name in REQUIRED if name not in names]
        unknown = [name for name in names if name not in COLUMNS]
        if missing or unknown or len(set(names)) != len(names):
            lacks, odd = ", ".join(missing) or "–", ", ".join(unknown)[:200] or "–"
            raise UnreadableFile(
                f"The first line names each column once. Missing: {lacks}; unknown: {odd}.",
                vi=f"Dòng đầu là tên các cột, mỗi cột một lần. Thiếu: {lacks}; không hiểu: {odd}.",
            )
        return cls(names)

    def name(self, fields: Sequence[str]) -> Mapping[str, str]:
        """What stands in a line, by column; what is empty is left out."""
        if len(fields) != len(self.columns):
            raise UnreadableLine(
                "wrong_columns",
                f"The line has {len(fields)} columns, the header {len(self.columns)}.",
                vi=f"Dòng có {len(fields)} cột, dòng tiêu đề có {len(self.columns)} cột.",
            )
        by_column = zip(self.columns, fields, strict=True)
        return {name: _tidy(name, text) for name, text in by_column if text.strip()}


def read_bill(said: Mapping[str, str], *, client_id: str) -> BillRequest:
    """Raises UnreadableLine with a code for what cannot be understood."""
    if not _REFERENCE.fullmatch(_needed(said, "reference")):
        raise _unreadable("reference", "must be letters, digits and . _ / - only")
    if "dossier_code" in said and not _DOSSIER_CODE.fullmatch(said["dossier_code"]):
        raise _unreadable("dossier_code", "is no code of a dossier")
    fees = [place for place in range(1, FEES_MAX + 1) if place == 1 or _has_fee(said, place)]
    total = said.get("total")
    return BillRequest(
        client_id=client_id,
        reference=said["reference"],
        agency_code=_needed(said, "agency_code"),
        lines=tuple(_fee(said, place) for place in fees),
        payer=RequestedPayer(
            full_name=_needed(said, "payer_name"),
            identity_number=said.get("payer_identity_number"),
            tax_code=said.get("payer_tax_code"),
            address=said.get("payer_address"),
            email=said.get("payer_email"),
            phone=said.get("payer_phone"),
        ),
        due_at=_due(_needed(said, "due_at")),
        amount=None if total is None else Money(_whole("total", total), CURRENCY),
        dossier_code=said.get("dossier_code"),
    )


def _fee(said: Mapping[str, str], place: int) -> RequestedLine:
    def column(name: str) -> str:
        return name if place == 1 else f"{name}_{place}"

    kind = _needed(said, column("kind")).lower()
    if kind not in {one.value for one in FeeKind}:
        raise _unreadable(column("kind"), "must be phi, le_phi or gia_dich_vu")
    quantity = said.get(column("quantity"), "1")
    return RequestedLine(
        line_code=_needed(said, column("line_code")),
        name=_needed(said, column("line_name")),
        kind=FeeKind(kind),
        quantity=_whole(column("quantity"), quantity),
        amount=Money(_whole(column("amount"), _needed(said, column("amount"))), CURRENCY),
        legal_basis=_needed(said, column("legal_basis")),
        agency_code=said.get(column("line_agency_code")),
    )


def _has_fee(said: Mapping[str, str], place: int) -> bool:
    return any(f"{name}_{place}" in said for name in OF_A_FEE)


def _due(text: str) -> datetime:
    """A day lasts to its end in Vietnam; an instant names its offset."""
    try:
        if (spoken := _DAY_FIRST.fullmatch(text)) is not None:
            day, month, year = map(int, spoken.groups())
            return _end_of(date(year, month, day))
        if _DAY.fullmatch(text):
            return _end_of(date.fromisoformat(text))
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise _unreadable("due_at", "must be 2026-12-31, 31/12/2026 or an instant") from error
    if instant.tzinfo is None:
        raise _unreadable("due_at", "must name its offset from UTC")
    return instant.astimezone(UTC)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), VIETNAM).astimezone(UTC)


def _whole(column: str, text: str) -> int:
    # A dot or a comma would mean thousands to one and hundredths to another.
    if not _WHOLE.fullmatch(text) or int(text) > AMOUNT_MAX:
        raise _unreadable(column, "must be digits only, in whole đồng")
    return int(text)


def _needed(said: Mapping[str, str], column: str) -> str:
    text = said.get(column)
    if text is None:
        raise _unreadable(column, "must not be empty")
    return text


def _tidy(column: str, text: str) -> str:
    try:
        tidy = one_line(text.strip())
    except ValueError as error:
        raise _unreadable(column, "holds a character that cannot be read") from error
    most = LENGTHS.get(column.rstrip("_2345"), LENGTH_MAX)
    if len(tidy) > most:
        raise _unreadable(column, f"is longer than {most} characters")
    return tidy


def _unreadable(column: str, message: str) -> UnreadableLine:
    return UnreadableLine(
        f"bad_{column}", f"{column} {message}.", vi=f"Cột {column} không hợp lệ ({message})."
    )
