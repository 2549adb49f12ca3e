"""One e-mail to one payer: queued with the event that caused it, sent later, never load-bearing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from chassis.money import Money
from services.notification.domain.errors import IllegalTransition
from services.notification.domain.sending import Outcome, RetrySchedule, Verdict


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


MESSAGE_TRANSITIONS: Final[Mapping[MessageState, frozenset[MessageState]]] = {
    MessageState.QUEUED: frozenset({MessageState.SENT, MessageState.FAILED}),
    MessageState.SENT: frozenset(),
    MessageState.FAILED: frozenset(),
}

RECEIPT_ISSUED: Final = "receipt_issued"

# Binds the sealed recipient to this use: a seal made for another purpose does not open here.
RECIPIENT_PURPOSE: Final = "message-recipient"
PAYER_PURPOSE: Final = "payer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What the letter says about the receipt. Nothing here names a person.

    `reference` is what a biller calls its bill, which may be of no dossier."""

    receipt_id: UUID
    dossier_code: str | None
    reference: str | None = None
    form_code: str
    symbol: str
    number: int
    # As it stands on the receipt: how wide a number is printed is the law's to say, not ours.
    printed_number: str
    amount: Money
    issued_at: datetime
    lookup_code: str
    part: int
    parts: int
    # What it replaces or adjusts, as that is called on paper.
    replaces: str | None = None
    adjusts: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    id: UUID
    template: str
    # One letter a receipt, however often and under whatever event id we hear of it.
    subject_key: str
    recipient_sealed: str
    facts: ReceiptFacts
    created_at: datetime
    due_at: datetime
    state: MessageState = MessageState.QUEUED
    attempts: int = 0
    reason: str | None = None
    finished_at: datetime | None = None

    @classmethod
    def about_receipt(
        cls, facts: ReceiptFacts, *, id: UUID, recipient_sealed: str, at: datetime
    ) -> Self:
        return cls(
            id=id,
            template=RECEIPT_ISSUED,
            subject_key=f"{RECEIPT_ISSUED}:{facts.receipt_id}",
            recipient_sealed=recipient_sealed,
            facts=facts,
            created_at=at,
            due_at=at,
        )

    def move_to(self, state: MessageState, *, at: datetime, reason: str | None = None) -> Self:
        if state not in MESSAGE_TRANSITIONS[self.state]:
            raise IllegalTransition("message", current=self.state, wanted=state)
        return replace(self, state=state, reason=reason, finished_at=at)

    def after(self, outcome: Outcome, *, at: datetime, schedule: RetrySchedule) -> Self:
        """Sent, given up, or still queued and due later."""
        if outcome.verdict is Verdict.DONE:
            return self.move_to(MessageState.SENT, at=at)
        wait = schedule.wait_after(self.attempts)
        if outcome.verdict is Verdict.NEVER or wait is None:
            return self.move_to(MessageState.FAILED, at=at, reason=outcome.reason)
        return replace(self, due_at=at + wait, reason=outcome.reason)
