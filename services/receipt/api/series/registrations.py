"""For accountants: registering the use of receipts (01/ĐKTĐ-CTĐT). Nothing is sent from here."""

from uuid import UUID

from fastapi import APIRouter, Response, status

from chassis.auth import CallerDep, require
from chassis.duties import Reach
from chassis.schemas import Page, PageSize
from services.receipt.api.dependencies import READ
from services.receipt.api.series.schemas import (
    AnswerBody,
    RegistrationBody,
    RegistrationDraftBody,
)
from services.receipt.api.series.tools import SERIES, SeriesToolsDep
from services.receipt.ports.series import PaperFilter
from services.receipt.use_cases.series.advance_registration import (
    answer_registration,
    submit_registration,
)
from services.receipt.use_cases.series.draft_registration import draft_registration
from services.receipt.use_cases.series.look_at_series import (
    get_registration,
    list_delegations_of,
    list_registrations,
)
from services.receipt.use_cases.series.tools import require_agency

router = APIRouter(prefix="/v1/series-registrations", tags=["receipt-series"])


@router.get("")
async def get_registrations(
    caller: CallerDep, tools: SeriesToolsDep, cursor: UUID | None = None, limit: PageSize = 50
) -> Page[RegistrationBody]:
    """Registrations of the caller's agencies, the latest first."""
    require(caller, READ)
    wanted = PaperFilter(agencies=Reach.of_officer(caller).agencies, before=cursor, limit=limit + 1)
    found = await list_registrations(wanted, tools=tools.series)
    return Page(
        items=[RegistrationBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_registration(
    body: RegistrationDraftBody, caller: CallerDep, tools: SeriesToolsDep
) -> RegistrationBody:
    require(caller, SERIES)
    require_agency(Reach.of_officer(caller), body.agency_code)
    certificates = await tools.certificates.of(body.agency_code)
    drafted = await draft_registration(
        body.agency_code,
        body.to_content(tuple(certificates)),
        by=caller.subject,
        tools=tools.series,
    )
    return RegistrationBody.of(drafted)


@router.get("/{registration_id}/xml")
async def get_registration_xml(
    registration_id: UUID, caller: CallerDep, tools: SeriesToolsDep
) -> Response:
    """The form to be signed and sent on the tax portal."""
    require(caller, READ)
    registration = await get_registration(
        registration_id, reach=Reach.of_officer(caller), tools=tools.series
    )
    delegations = await list_delegations_of(registration, tools=tools.series)
    return Response(
        tools.form(registration, delegations),
        media_type="application/xml",
        headers={"Cache-Control": "private, no-store"},
    )


@router.post("/{registration_id}/submission")
async def post_submission(
    registration_id: UUID, caller: CallerDep, tools: SeriesToolsDep
) -> RegistrationBody:
    """Somebody sent it today."""
    require(caller, SERIES)
    submitted = await submit_registration(
        registration_id, reach=Reach.of_officer(caller), tools=tools.series
    )
    return RegistrationBody.of(submitted)


@router.post("/{registration_id}/answer")
async def post_answer(
    registration_id: UUID, body: AnswerBody, caller: CallerDep, tools: SeriesToolsDep
) -> RegistrationBody:
    """What the tax office said."""
    require(caller, SERIES)
    answered = await answer_registration(
        registration_id,
        accepted=body.accepted,
        on=body.on,
        answer=body.answer,
        reach=Reach.of_officer(caller),
        tools=tools.series,
    )
    return RegistrationBody.of(answered)
