"""What people on duty do about a case."""

from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import BaseModel

from chassis.auth import Caller, CallerDep
from chassis.http import IdempotencyKey
from chassis.idempotency import fingerprint
from services.payment.api.dependencies import ToolsDep
from services.payment.api.discrepancies.dependencies import HandlingDep
from services.payment.api.discrepancies.schemas import (
    AssignmentBody,
    DiscrepancyBody,
    NoteBody,
    ResolutionBody,
)
from services.payment.ports.discrepancies import Sight
from services.payment.use_cases.discrepancies.assign_discrepancy import assign_discrepancy
from services.payment.use_cases.discrepancies.note_discrepancy import note_discrepancy
from services.payment.use_cases.discrepancies.resolve_discrepancy import resolve_discrepancy
from services.payment.use_cases.discrepancies.work_on_case import Deed

router = APIRouter(prefix="/v1/discrepancies/{discrepancy_id}", tags=["discrepancies"])


@router.post("/assignment")
async def post_assignment(
    discrepancy_id: UUID,
    body: AssignmentBody,
    idempotency_key: IdempotencyKey,
    caller: CallerDep,
    sight: HandlingDep,
    tools: ToolsDep,
) -> DiscrepancyBody:
    """Put the case on one person's desk. Repeating the request with the same key is safe."""
    deed = _deed(discrepancy_id, caller, sight, idempotency_key, body, body.note)
    return DiscrepancyBody.of(
        await assign_discrepancy(
            deed, body.assignee, uow=tools.open_uow(), clock=tools.clock, ids=tools.ids
        )
    )


@router.post("/notes", status_code=status.HTTP_201_CREATED)
async def post_note(
    discrepancy_id: UUID,
    body: NoteBody,
    idempotency_key: IdempotencyKey,
    caller: CallerDep,
    sight: HandlingDep,
    tools: ToolsDep,
) -> DiscrepancyBody:
    """Add to the history. It is never changed or removed, so it must name nobody's secrets."""
    deed = _deed(discrepancy_id, caller, sight, idempotency_key, body, body.note)
    return DiscrepancyBody.of(
        await note_discrepancy(deed, uow=tools.open_uow(), clock=tools.clock, ids=tools.ids)
    )


@router.post(
    "/resolution",
    responses={202: {"model": DiscrepancyBody, "description": "A second person must agree"}},
)
async def post_resolution(
    discrepancy_id: UUID,
    body: ResolutionBody,
    idempotency_key: IdempotencyKey,
    caller: CallerDep,
    sight: HandlingDep,
    tools: ToolsDep,
    answer: Response,
) -> DiscrepancyBody:
    """Decide what becomes of the case. Of much money, another person decides the same again."""
    deed = _deed(discrepancy_id, caller, sight, idempotency_key, body, body.reason)
    decided = await resolve_discrepancy(
        deed,
        body.to_decision(),
        alone_up_to=tools.discrepancy_approval_above,
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
    if decided.asked is not None:
        answer.status_code = status.HTTP_202_ACCEPTED
    return DiscrepancyBody.of(decided)


def _deed(
    discrepancy_id: UUID, caller: Caller, sight: Sight, key: str, body: BaseModel, note: str | None
) -> Deed:
    # One key is one person's: another's equal key is another deed.
    said = {"by": caller.subject, "does": type(body).__name__, **body.model_dump(mode="json")}
    return Deed(
        discrepancy_id=discrepancy_id,
        by=caller,
        sight=sight,
        note=note,
        key=f"{caller.subject}:{key}",
        fingerprint=fingerprint(said),
    )
