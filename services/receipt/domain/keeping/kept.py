"""A document's copy in the vault, how long it must stay there, and what a comparison says."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, Self
from uuid import UUID

from chassis.canonical import sha256_hex
from chassis.clock import vietnam_date
from services.receipt.domain.keeping.finding import KeepingReason
from services.receipt.domain.receipts.receipt import Document, Form

DECEMBER: Final = (12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """What the law says of the days on which receipts were issued."""

    valid_from: date
    valid_to: date | None
    years: int
    legal_basis: str

    def keep_until(self, issued_at: datetime) -> date:
        """So many whole years after the end of the year in which it was issued in Vietnam."""
        return date(vietnam_date(issued_at).year + self.years, *DECEMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDocument:
    """What must be kept of a receipt. `recorded` are all digests that our books have of it."""

    receipt_id: UUID
    form: Form
    sha256: str
    agency_code: str
    numbered_at: datetime
    issued_at: datetime
    recorded: Sequence[str] = ()
    kept_at: datetime | None = None
    dated_on: date | None = None
    keep_until: date | None = None

    def keep(self, *, at: datetime, rule: RetentionRule | None) -> Self:
        """Without a rule it is kept for ever."""
        return replace(
            self,
            kept_at=at,
            dated_on=vietnam_date(self.numbered_at),
            keep_until=rule.keep_until(self.issued_at) if rule else None,
        )

    def lengthened(self, rule: RetentionRule | None) -> Self:
        """A rule that came later may keep it longer, and never less long than it was promised."""
        if rule is None or self.keep_until is None:
            return self
        return replace(self, keep_until=max(self.keep_until, rule.keep_until(self.issued_at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`right` are bytes that fit, if there are any to mend what does not."""

    faults: Sequence[KeepingReason] = ()
    right: bytes | None = field(default=None, repr=False)


def compare(kept: KeptDocument, *, stored: Document | None, copy: bytes | None) -> Comparison:
    """Hold the database's bytes, the vault's and every recorded digest against each other."""
    recorded = {kept.sha256, *kept.recorded, *((stored.sha256,) if stored else ())}
    if len(recorded) > 1:
        # Which of them to believe is for a person: nothing is mended.
        return Comparison(faults=(KeepingReason.DIGESTS_DIFFER,))
    faults: list[KeepingReason] = []
    if stored is None:
        faults.append(KeepingReason.MISSING_IN_DATABASE)
    elif sha256_hex(stored.body) != kept.sha256:
        faults.append(KeepingReason.CHANGED_IN_DATABASE)
    if copy is None:
        faults.append(KeepingReason.MISSING_IN_VAULT)
    elif sha256_hex(copy) != kept.sha256:
        faults.append(KeepingReason.CHANGED_IN_VAULT)
    here = stored.body if stored else None
    right = next((one for one in (here, copy) if one and sha256_hex(one) == kept.sha256), None)
    return Comparison(faults=tuple(faults), right=right)
