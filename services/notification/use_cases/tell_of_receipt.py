"""A receipt was issued: queue a letter to the payer and a webhook to the client, once."""

from dataclasses import dataclass

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.notification.domain.events import HeardEvent
from services.notification.domain.message import (
    PAYER_PURPOSE,
    RECIPIENT_PURPOSE,
    Message,
    ReceiptFacts,
)
from services.notification.ports import UnitOfWork
from services.notification.use_cases.queue_webhooks import queue_webhooks
from services.notification.use_cases.tell_client import CONSUMER


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedReceipt:
    event: HeardEvent
    facts: ReceiptFacts
    payer_sealed: str | None


async def tell_of_receipt(
    receipt: IssuedReceipt, *, uow: UnitOfWork, sealer: SealingPort, clock: Clock, ids: Ids
) -> None:
    async with uow:
        if not await uow.inbox.claim(receipt.event.id, CONSUMER):
            return
        recipient_sealed = _reseal_recipient(receipt.payer_sealed, sealer)
        if recipient_sealed is not None:
            message = Message.about_receipt(
                receipt.facts, id=ids.new(), recipient_sealed=recipient_sealed, at=clock.now()
            )
            await uow.messages.add_once(message)
        await queue_webhooks(receipt.event, uow=uow, clock=clock, ids=ids)


def _reseal_recipient(payer_sealed: str | None, sealer: SealingPort) -> str | None:
    """Keep only what a letter needs; the payer's other data is not ours to store."""
    if payer_sealed is None:
        return None
    payer = sealer.unseal(payer_sealed, purpose=PAYER_PURPOSE)
    address = str(payer.get("email") or "").strip()
    if not address:
        return None
    recipient = {"email": address, "full_name": str(payer.get("full_name") or "").strip()}
    return sealer.seal(recipient, purpose=RECIPIENT_PURPOSE)
