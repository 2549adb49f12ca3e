"""What a provider says about money, and what we made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from chassis.canonical import canonical_json, sha256_hex
from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.intents.bill_reference import NamedReferences, named_references

# Proved by a secret that we hold as well, so that we could have written the notice ourselves.
# Such a word is kept and makes us ask; money moves by the answer alone, whatever the provider.
WEAK_EVIDENCE_LEVELS: Final = frozenset({"P3"})


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PENDING = "pending"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """How the provider's word reached us: it told us, or we asked."""

    NOTICE = "notice"
    ENQUIRY = "enquiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNotice:
    """One movement of money in a provider's words, translated into ours."""

    notice_id: str | None
    provider_reference: str
    bill_number: str | None
    purpose: str | None
    bank_bin: str
    account_number: str
    amount: Money
    outcome: Outcome
    paid_at: datetime

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
                    "bills": list(named.bills),
                    "dossiers": list(named.dossiers),
                    "bank_bin": self.bank_bin,
                    "account_number": self.account_number,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNotification:
    """A notice as evidence: the very bytes, and the proof of who said them."""

    id: UUID
    provider: str
    source: Source
    notice: ProviderNotice
    raw: bytes = field(repr=False)
    proof: Mapping[str, str] | None
    evidence_id: str | None
    evidence_level: str
    received_at: datetime

    @property
    def is_weak(self) -> bool:
        return self.evidence_level in WEAK_EVIDENCE_LEVELS

    @property
    def fingerprint(self) -> str:
        """A weak word never stands in the way of the same word well proved."""
        said = self.notice.fingerprint
        return sha256_hex(f"{self.evidence_level}:{said}".encode()) if self.is_weak else said
