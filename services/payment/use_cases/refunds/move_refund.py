from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.refunds.errors import RefundChanged
from services.payment.domain.refunds.events import end_event_of
from services.payment.domain.refunds.postings import posting_of
from services.payment.domain.refunds.refund import RELEASED, Refund, RefundStatus
from services.payment.ports.unit_of_work import UnitOfWork


async def move_refund(
    moved: Refund, *, leaving: RefundStatus, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Refund:
    """Inside a running transaction: one step of a refund, with the money and the news of it.

    Raises RefundChanged when it is no longer in the state that it leaves.
    """
    if not await uow.refunds.save(moved, leaving=leaving):
        raise RefundChanged(moved.id)
    if moved.status is leaving:
        return moved
    if moved.status in RELEASED:
        await uow.refunds.release(moved)
    posting = posting_of(moved, leaving=leaving, id=ids.new(), posted_at=clock.now())
    if posting is not None:
        await uow.ledger.post(posting)
    event = end_event_of(moved)
    if event is not None:
        await uow.outbox.add(event, subject=str(moved.id))
    return moved
