"""One transaction, with everything of ours that can be asked or changed in it."""

from types import TracebackType
from typing import Protocol, Self

from chassis.ports import InboxOfMany, OutboxOfMany
from services.receipt.ports.amendments import Amendments
from services.receipt.ports.outside import OutsideFindings, OutsideIssues
from services.receipt.ports.receipts import Documents, PaidFees, Receipts, RefundNotes
from services.receipt.ports.series import (
    CollectingBodies,
    Delegations,
    ReceiptRules,
    Registrations,
    SeriesBook,
    SeriesRegister,
)


class UnitOfWork(Protocol):
    @property
    def collecting_bodies(self) -> CollectingBodies: ...

    @property
    def rules(self) -> ReceiptRules: ...

    @property
    def series(self) -> SeriesBook: ...

    @property
    def register(self) -> SeriesRegister: ...

    @property
    def registrations(self) -> Registrations: ...

    @property
    def delegations(self) -> Delegations: ...

    @property
    def fees(self) -> PaidFees: ...

    @property
    def receipts(self) -> Receipts: ...

    @property
    def refund_notes(self) -> RefundNotes: ...

    @property
    def documents(self) -> Documents: ...

    @property
    def outside(self) -> OutsideIssues: ...

    @property
    def outside_findings(self) -> OutsideFindings: ...

    @property
    def amendments(self) -> Amendments: ...

    @property
    def inbox(self) -> InboxOfMany: ...

    @property
    def outbox(self) -> OutboxOfMany: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
