from uuid import UUID

from fastapi import APIRouter

from chassis.auth import CallerDep
from services.payment.api.dependencies import ToolsDep
from services.payment.api.refunds.callers import approver, asking_reach, reporter
from services.payment.api.refunds.schemas import OutcomeBody, RefundBody
from services.payment.use_cases.refunds.decide_refund import (
    approve_refund,
    reject_refund,
    withdraw_refund,
)
from services.payment.use_cases.refunds.report_outcome import Outcome, report_outcome

router = APIRouter(prefix="/v1/refunds", tags=["refunds"])


@router.post("/{refund_id}/approval")
async def post_approval(refund_id: UUID, caller: CallerDep, tools: ToolsDep) -> RefundBody:
    """Agree to a refund that somebody else asked for. It is sent next."""
    return RefundBody.of_refund(
        await approve_refund(
            refund_id,
            approver(caller),
            uow=tools.open_uow(),
            clock=tools.clock,
            ids=tools.ids,
        )
    )


@router.post("/{refund_id}/rejection")
async def post_rejection(refund_id: UUID, caller: CallerDep, tools: ToolsDep) -> RefundBody:
    """Refuse a refund that somebody else asked for."""
    return RefundBody.of_refund(
        await reject_refund(
            refund_id,
            approver(caller),
            uow=tools.open_uow(),
            clock=tools.clock,
            ids=tools.ids,
        )
    )


@router.post("/{refund_id}/withdrawal")
async def post_withdrawal(refund_id: UUID, caller: CallerDep, tools: ToolsDep) -> RefundBody:
    """Take a request back, as long as nothing was sent."""
    return RefundBody.of_refund(
        await withdraw_refund(
            refund_id,
            by=caller.subject,
            reach=asking_reach(caller),
            uow=tools.open_uow(),
            clock=tools.clock,
            ids=tools.ids,
        )
    )


@router.post("/{refund_id}/outcome")
async def post_outcome(
    refund_id: UUID, body: OutcomeBody, caller: CallerDep, tools: ToolsDep
) -> RefundBody:
    """Say how a refund ended that no provider can tell of.

    What an accountant paid by hand ends by this. What a provider was told ends once two people
    in a row have said the same; until then the answer shows who `reported` what.
    """
    said = Outcome(succeeded=body.succeeded, reference=body.reference, failure=body.failure)
    return RefundBody.of_refund(
        await report_outcome(
            refund_id,
            said,
            reporter(caller),
            uow=tools.open_uow(),
            clock=tools.clock,
            ids=tools.ids,
        )
    )
