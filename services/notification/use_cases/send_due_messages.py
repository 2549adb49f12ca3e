"""Send what is due to payers: claim, send outside any transaction, record."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from chassis.errors import Refused
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.notification.domain.delivery import Delivery
from services.notification.domain.events import MessageFailed
from services.notification.domain.message import RECIPIENT_PURPOSE, Message, MessageState
from services.notification.domain.sending import Lease, Outcome, RetrySchedule
from services.notification.ports import (
    EmailChannel,
    Letter,
    OpenUnitOfWork,
    ReceiptDocuments,
    WaitingWork,
)
from services.notification.use_cases.side_by_side import side_by_side

BATCH_MAX: Final = 8
# Longer than the slowest try: fetching two documents and one conversation with a mail server.
LEASE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSending:
    open_uow: OpenUnitOfWork
    waiting: WaitingWork
    email: EmailChannel
    documents: ReceiptDocuments
    sealer: SealingPort
    schedule: RetrySchedule
    clock: Clock
    ids: Ids


async def send_due_messages(sending: MessageSending) -> int:
    """Try a batch and say how many. A crash before a try is recorded sends that letter again,
    under the same Message-ID, once the lease has run out."""
    now = sending.clock.now()
    if not await sending.waiting.message_due(now):
        return 0
    lease = Lease(id=sending.ids.new(), taken_at=now, until=now + LEASE)
    async with sending.open_uow() as uow:
        claimed = await uow.messages.claim_due(lease, limit=BATCH_MAX)
    await side_by_side(_send(message, lease, sending) for message in claimed)
    return len(claimed)


async def _send(message: Message, lease: Lease, sending: MessageSending) -> None:
    outcome = await _try(message, sending)
    now = sending.clock.now()
    tried = message.after(outcome, at=now, schedule=sending.schedule)
    async with sending.open_uow() as uow:
        if not await uow.messages.settle(tried, lease):
            return  # The lease ran out; whoever holds the message now records it.
        await uow.deliveries.add(Delivery.of(message, outcome, id=sending.ids.new(), at=now))
        if tried.state is MessageState.FAILED:
            failed = MessageFailed(
                message_id=tried.id, template=tried.template, reason=tried.reason or "unknown"
            )
            await uow.outbox.add(failed, subject=str(tried.id))


async def _try(message: Message, sending: MessageSending) -> Outcome:
    try:
        recipient = sending.sealer.unseal(message.recipient_sealed, purpose=RECIPIENT_PURPOSE)
        documents = await sending.documents.fetch(message.facts.receipt_id)
    except Refused as refusal:
        # A key may come back and a document may appear; neither is the payer's fault.
        return Outcome.again(refusal.code)
    letter = Letter(
        message_id=message.id,
        to_address=recipient["email"],
        to_name=recipient["full_name"],
        facts=message.facts,
        documents=documents,
    )
    return await sending.email.send(letter)
