from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import OnDuty, Reach, require_another_person
from chassis.ids import Ids
from services.payment.domain.refunds.errors import UnknownRefund
from services.payment.domain.refunds.refund import Refund
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.refunds.move_refund import move_refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Who decides, and over whose refunds they may."""

    caller: OnDuty
    reach: Reach


async def approve_refund(
    refund_id: UUID, by: Decider, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Refund:
    """A second person agrees; from now on the books owe the money to the payer."""
    return await _decide(
        refund_id,
        by,
        lambda refund: refund.approve(by=by.caller.subject, at=clock.now()),
        uow=uow,
        clock=clock,
        ids=ids,
    )


async def reject_refund(
    refund_id: UUID, by: Decider, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Refund:
    """A second person refuses; the amount can be refunded again."""
    return await _decide(
        refund_id,
        by,
        lambda refund: refund.reject(by=by.caller.subject, at=clock.now()),
        uow=uow,
        clock=clock,
        ids=ids,
    )


async def withdraw_refund(
    refund_id: UUID, *, by: str, reach: Reach, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Refund:
    """Taken back by those who may ask for it, as long as nothing was sent."""
    async with uow:
        refund = await find_refund(refund_id, reach=reach, uow=uow)
        withdrawn = refund.withdraw(by=by, at=clock.now())
        return await move_refund(withdrawn, leaving=refund.status, uow=uow, clock=clock, ids=ids)


async def find_refund(refund_id: UUID, *, reach: Reach, uow: UnitOfWork) -> Refund:
    """What the reach does not cover is as good as none."""
    refund = await uow.refunds.get(refund_id)
    source = refund.source
    if not reach.covers(client_id=source.client_id, agency_code=source.agency_code):
        raise UnknownRefund
    return refund


async def _decide(
    refund_id: UUID,
    by: Decider,
    decide: Callable[[Refund], Refund],
    *,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> Refund:
    async with uow:
        refund = await find_refund(refund_id, reach=by.reach, uow=uow)
        require_another_person(asked_by=refund.requester.subject, decided_by=by.caller)
        decided = decide(refund)
        return await move_refund(decided, leaving=refund.status, uow=uow, clock=clock, ids=ids)
