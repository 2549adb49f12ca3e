"""What is said about a file that somebody brought: is it ours, is it whole, does it still stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.receipt.domain.receipts.receipt import Form, Receipt


class Origin(StrEnum):
    """ISSUED: byte for byte a file that is kept here. SIGNED: not kept here, but whoever signed it
    is trusted and nothing was changed since. UNKNOWN: neither, or nobody could judge."""

    ISSUED = "issued"
    SIGNED = "signed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One thing that was checked; `detail` says what was found, or why it was refused."""

    name: str
    valid: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """What the verifier says. Not judged: no verifier is at hand, or it ended without a word."""

    judged: bool
    valid: bool | None = None
    items: Sequence[CheckItem] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    form: Form
    sha256: str
    origin: Origin
    signatures: Signatures
    # The receipt that these bytes are of, as it stands today.
    receipt: Receipt | None


NOT_JUDGED = Signatures(judged=False)
