"""What a provider says about money, and what we made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from chassis.canonical import canonical_json, sha256_hex
from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.intents.bill_reference import NamedReferences, named_references
from services.payment.domain.intents.method import Method

# Proved by a secret that we hold as well, so that we could have written the notice ourselves.
# Such a word is kept and makes us ask; money moves by the answer alone, whatever the provider.
WEAK_EVIDENCE_LEVELS: Final = frozenset({"P3"})
# A weak word is asked about at once, and ever more seldom while its provider does not answer.
CHECK_DELAYS: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=1),
)


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PENDING = "pending"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """How the word about money reached us: its provider told us, or we asked, or a signed file
    said so; or an officer took the money at a counter."""

    NOTICE = "notice"
    ENQUIRY = "enquiry"
    SETTLEMENT = "settlement"
    COUNTER = "counter"


class Reception(StrEnum):
    """How a notice was received, for providers that ask for more than whether it was."""

    RECORDED = "recorded"
    UNKNOWN_REFERENCE = "unknown_reference"
    WRONG_AMOUNT = "wrong_amount"
    ALREADY_FINAL = "already_final"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNotice:
    """One movement of money in a provider's words, translated into ours.

    `order_reference` is our name for an attempt, as that provider was told it; `alias_account` an
    account that takes one fee alone. `is_for_us` is False when another merchant is named.
    `failure` says why no money moved. What a provider does not say is None.
    """

    provider_reference: str
    amount: Money
    outcome: Outcome
    paid_at: datetime
    notice_id: str | None = None
    order_reference: str | None = None
    alias_account: str | None = None
    bill_number: str | None = None
    purpose: str | None = None
    bank_bin: str | None = None
    account_number: str | None = None
    is_for_us: bool = True
    failure: str | None = None

    @property
    def references(self) -> NamedReferences:
        return named_references(self.bill_number, self.purpose)

    @property
    def fingerprint(self) -> str:
        """Equal for notices that say the same, under whatever notice id or wording of the memo."""
        named = self.references
        return sha256_hex(
            canonical_json(
                {
                    "order_reference": self.order_reference,
                    "alias_account": self.alias_account,
                    "bills": list(named.bills),
                    "dossiers": list(named.dossiers),
                    "bank_bin": self.bank_bin,
                    "account_number": self.account_number,
                    "is_for_us": self.is_for_us,
                    "amount_minor_units": self.amount.minor_units,
                    "currency": self.amount.currency,
                    "outcome": self.outcome,
                }
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a notice; the whole of the answer to it, now and for every repeat."""

    status: Literal["settled", "kept"]
    payment_intent_id: UUID | None
    provider_reference: str
    discrepancy: Reason | None
    reception: Reception = Reception.RECORDED


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNotification:
    """A notice as evidence: the very bytes, and the proof of who said them.

    `account` is the ledger's name for where the money lies, when that is not with the provider;
    `method` how it was paid, where no attempt tells.
    """

    id: UUID
    provider: str
    source: Source
    notice: ProviderNotice
    raw: bytes = field(repr=False)
    proof: Mapping[str, str] | None
    evidence_id: str | None
    evidence_level: str
    received_at: datetime
    account: str | None = None
    method: Method | None = None

    @property
    def is_weak(self) -> bool:
        """An answer that we asked for, of an address that we chose, is not: nobody pushed it."""
        return self.source is Source.NOTICE and self.evidence_level in WEAK_EVIDENCE_LEVELS

    @property
    def needs_check(self) -> bool:
        """A weak word that was understood: its provider is asked whether it is so."""
        return self.is_weak and self.notice.outcome is not Outcome.UNKNOWN

    @property
    def fingerprint(self) -> str:
        """A weak word never stands in the way of the same word well proved."""
        said = self.notice.fingerprint
        return sha256_hex(f"{self.evidence_level}:{said}".encode()) if self.is_weak else said


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierWord:
    """Another, equally strong word about the same movement of money, and what came of it.

    `case_id` is the discrepancy it made; `holds_money`: that one's money waits in suspense.
    """

    notification_id: UUID
    fingerprint: str
    outcome: Outcome
    amount: Money
    settled: bool
    case_id: UUID | None
    holds_money: bool

    @property
    def is_in_the_books(self) -> bool:
        return self.settled or self.holds_money


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakNotification:
    """A weakly proved word that waits for what its provider says when asked."""

    id: UUID
    provider: str
    raw: bytes = field(repr=False)
    received_at: datetime
