"""Who asked for a fee: a dossier of a procedure, or a biller directly."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

# How sure we are of who asked: the biller's registered key over the whole request.
BILLER_SIGNATURE: Final = "biller-signature"


class Source(StrEnum):
    DOSSIER = "dossier"
    BILL = "bill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a biller asked. `reference` is the biller's own name for it, printed and unique among
    theirs; `fingerprint` tells whether a repeat asks for the same."""

    reference: str
    fingerprint: str
    idempotency_key: str | None = None
    batch_id: UUID | None = None
