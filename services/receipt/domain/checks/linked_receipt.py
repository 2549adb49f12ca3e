"""Another document in the same chain of corrections."""

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """What the other document is to the one that is looked at."""

    REPLACES = "replaces"
    REPLACED_BY = "replaced_by"
    ADJUSTS = "adjusts"
    ADJUSTED_BY = "adjusted_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedReceipt:
    """Enough to name it; its code stays with whoever holds its paper."""

    relation: Relation
    form_code: str
    symbol: str
    printed_number: str
