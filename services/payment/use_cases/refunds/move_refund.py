from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.refunds.errors import RefundChanged
from services.payment.domain.refunds.events import end_event_of
from services.payment.domain.refunds.postings import posting_of
from services.payment.domain.refunds.refund import RELEASED, Refund, RefundStatus
from services.payment.domain.refunds.source import SourceKind
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.discrepancies.resolve_as_refunded import resolve_as_refunded
from services.payment.use_cases.discrepancies.work_on_case import Workshop


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
    if moved.status is RefundStatus.SUCCEEDED and moved.source.kind is SourceKind.DISCREPANCY:
        shop = Workshop(uow=uow, clock=clock, ids=ids)
        await resolve_as_refunded(moved.source.id, moved.id, shop=shop)
    event = end_event_of(moved)
    if event is not None:
        await uow.outbox.add(event, subject=str(moved.id))
    return moved
