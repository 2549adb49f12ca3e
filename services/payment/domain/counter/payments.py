"""What an officer took at the counter, as it is kept beside the notice that it became."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis.canonical import canonical_json
from chassis.money import Money

# Who reports cash: the officer. The money of a card terminal is its acquirer's, hence another.
CASH_PROVIDER: Final = "counter"
POS_PROVIDER: Final = "pos"
OFFICER_EVIDENCE: Final = "OFFICER"


class CardScheme(StrEnum):
    NAPAS = "napas"
    VISA = "visa"
    MASTERCARD = "mastercard"
    AMEX = "amex"
    JCB = "jcb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asked under which key, and for what: a repeat is answered from what it made."""

    officer: str
    idempotency_key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CashPayment:
    id: UUID
    request: Request
    payment_intent_id: UUID
    drawer_id: UUID
    agency_code: str
    amount: Money
    tendered: Money
    paid_at: datetime

    @property
    def change(self) -> Money:
        return self.tendered - self.amount

    @property
    def provider_reference(self) -> str:
        return f"CASH{self.id.hex.upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PosSlip:
    """What a terminal prints. It prints no card number in full, and none is taken."""

    terminal_id: str
    batch_no: str
    approval_code: str
    card_scheme: CardScheme
    reference: str

    @property
    def provider_reference(self) -> str:
        """Unique at the acquirer, and in its settlement file."""
        return f"{self.terminal_id}-{self.batch_no}-{self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PosPayment:
    """`discrepancy` says why the money of a true slip settled nothing."""

    id: UUID
    request: Request
    payment_intent_id: UUID
    agency_code: str
    slip: PosSlip
    amount: Money
    paid_at: datetime
    discrepancy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PosBatch:
    """The slips of one terminal's batch, summed up: what its acquirer's file should show."""

    terminal_id: str
    batch_no: str
    agency_code: str
    payments: int
    total: Money
    first_at: datetime
    last_at: datetime


def evidence(facts: dict[str, Any]) -> bytes:
    """The officer's word, in one spelling."""
    return canonical_json(facts)
