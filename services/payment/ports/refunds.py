from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.refunds.refund import Refund, RefundStatus, Report, Requester
from services.payment.domain.refunds.source import RefundLine, RefundSource, SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFilter:
    """Which refunds: those in reach, and of these the ones that fit whatever is given."""

    reach: Reach
    status: RefundStatus | None = None
    payment_intent_id: UUID | None = None
    discrepancy_id: UUID | None = None
    dossier_id: UUID | None = None
    before: UUID | None = None
    limit: int = 50


class Refunds(Protocol):
    async def find_source(self, kind: SourceKind, id: UUID) -> RefundSource | None: ...

    async def add_once(self, refund: Refund) -> bool:
        """False when this requester has used the key; waits for whoever is using it now."""

    async def find_asked(self, requester: Requester) -> Refund | None:
        """What this requester asked for by this key, with the fingerprint it was asked with."""

    async def reserve(self, refund: Refund, *, seen: int) -> bool:
        """Take the amount from what can be refunded, if exactly `seen` is left to take from.

        The money's row is then held until the end of the transaction, so that whoever follows
        sees what was taken.
        """

    async def release(self, refund: Refund) -> None:
        """Give the amount back to what can be refunded."""

    async def taken(
        self, source: RefundSource, *, besides: UUID | None, limit: int
    ) -> Sequence[tuple[RefundLine, ...]]:
        """The lines of all refunds of this money that hold on to their part, but for one."""

    async def get(self, refund_id: UUID) -> Refund:
        """Raises UnknownRefund."""

    async def save(self, refund: Refund, *, leaving: RefundStatus) -> bool:
        """Store a step if the refund is still in the state it leaves."""

    async def save_report(self, refund_id: UUID, report: Report, *, status: RefundStatus) -> bool:
        """Note what a person says of a refund that is still in this state."""

    async def claim_approved(self) -> Refund | None:
        """The refund that waits longest to be sent, unless others hold it; held until we end."""

    async def claim_due(self, *, now: datetime, limit: int) -> Sequence[Refund]:
        """Refunds whose provider should be asked now, each given to one asker only."""

    async def claim_alarms(
        self, *, sent_before: datetime, now: datetime, limit: int
    ) -> Sequence[Refund]:
        """Refunds that are still not known, each named once in its life."""

    async def count_awaited(self, *, sent_before: datetime) -> int: ...

    async def list_page(self, wanted: RefundFilter) -> Sequence[Refund]:
        """The latest first."""
