"""A provider's settlement file. Its rows count once it is loaded, and not before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.payment.domain.settlements.bank_account import BankAccount
from services.payment.domain.settlements.difference import FeeRate


class FileFormat(StrEnum):
    CSV = "csv"
    PIPE = "pipe"
    VNPAY = "vnpay"
    JSON_LINES = "json-lines"


class Encoding(StrEnum):
    """AUTO: each line is UTF-8 or else Windows-1258."""

    AUTO = "auto"
    UTF_8 = "utf-8"
    WINDOWS_1258 = "windows-1258"
    WINDOWS_1252 = "windows-1252"


class FileState(StrEnum):
    LOADING = "loading"
    LOADED = "loaded"
    REFUSED = "refused"


# What was refused (the wrong format was named, say) may be loaded again; what is loaded stays.
ALLOWED: Final[Mapping[FileState, frozenset[FileState]]] = {
    FileState.LOADING: frozenset({FileState.LOADED, FileState.REFUSED}),
    FileState.REFUSED: frozenset({FileState.LOADING}),
    FileState.LOADED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTerms:
    """What was agreed with a provider about its files. `must_sign`: an unsigned one is refused."""

    format: FileFormat | None = None
    must_sign: bool = False
    fee: FeeRate | None = None
    paid_to: BankAccount


@dataclass(frozen=True, slots=True)
class Period:
    """Days in Vietnam, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFile:
    """`signed_by` is the key whose detached signature was found right; None: unsigned."""

    id: UUID
    provider: str
    format: FileFormat
    sha256: str
    name: str
    size_bytes: int
    signed_by: str | None
    loaded_by: str
    started_at: datetime
    state: FileState = FileState.LOADING
    lines_read: int = 0
    rows: int = 0
    bad_lines: int = 0
    refusal: str | None = None
    period: Period | None = None
    loaded_at: datetime | None = None
