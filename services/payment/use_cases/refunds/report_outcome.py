from dataclasses import dataclass, replace
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import require_another_person
from chassis.ids import Ids
from services.payment.domain.refunds.errors import OutcomeNotAwaited, RefundChanged
from services.payment.domain.refunds.refund import Refund, Report
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.refunds.decide_refund import Decider, find_refund
from services.payment.use_cases.refunds.move_refund import move_refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    succeeded: bool
    reference: str | None
    failure: str | None


async def report_outcome(
    refund_id: UUID, said: Outcome, by: Decider, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Refund:
    """A person says how a refund ended that nobody else can tell of.

    Never who asked for it. What an accountant was to pay by hand ends by their word; what was
    sent to a provider ends when two people in a row say the same, and until then is only noted.
    """
    async with uow:
        refund = await find_refund(refund_id, reach=by.reach, uow=uow)
        require_another_person(asked_by=refund.requester.subject, decided_by=by.caller)
        if not refund.waits_for_people(clock.now()):
            raise OutcomeNotAwaited(refund.status)
        report = Report(
            succeeded=said.succeeded,
            reference=said.reference,
            by=by.caller.subject,
            at=clock.now(),
        )
        if not refund.is_ended_by(report):
            if not await uow.refunds.save_report(refund.id, report, status=refund.status):
                raise RefundChanged(refund.id)
            return replace(refund, report=report)
        moved = _ended(refund, report, said.failure)
        return await move_refund(moved, leaving=refund.status, uow=uow, clock=clock, ids=ids)


def _ended(refund: Refund, report: Report, failure: str | None) -> Refund:
    if report.succeeded:
        return refund.succeed(reference=report.reference, by=report.by, at=report.at)
    return refund.fail(failure=failure, by=report.by, at=report.at)
