from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from chassis.http import IdempotencyKey
from chassis.idempotency import fingerprint
from chassis.schemas import Page, PageSize
from services.dossier.api.cursors import read_cursor, write_cursor
from services.dossier.api.dependencies import ListReachDep, ReachDep, SubmitterDep, ToolsDep
from services.dossier.api.fields import DossierCodeText
from services.dossier.api.schemas import (
    CreatedDossierBody,
    DossierBody,
    DossierSummaryBody,
    SubmitDossierBody,
)
from services.dossier.domain.filing import Filing
from services.dossier.domain.state import State
from services.dossier.ports import DossierFilter
from services.dossier.use_cases.get_dossier import get_dossier
from services.dossier.use_cases.list_dossiers import list_dossiers
from services.dossier.use_cases.render_slip import render_slip
from services.dossier.use_cases.submit_dossier import submit_dossier

router = APIRouter(prefix="/v1/dossiers", tags=["dossiers"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_dossier(
    body: SubmitDossierBody,
    idempotency_key: IdempotencyKey,
    client_id: SubmitterDep,
    tools: ToolsDep,
) -> CreatedDossierBody:
    """Take in a dossier and compute its fee. Repeating the request with the same key is safe."""
    filing = Filing(
        client_id=client_id,
        idempotency_key=idempotency_key,
        request_fingerprint=fingerprint(body),
        procedure_code=body.procedure_code,
        agency_code=body.agency_code,
        question=body.to_question(),
        applicant=body.applicant.to_applicant(),
    )
    return CreatedDossierBody.of(await submit_dossier(filing, uow=tools.uow(), desk=tools.desk))


@router.get("")
async def get_dossier_page(
    reach: ListReachDep,
    tools: ToolsDep,
    code: DossierCodeText | None = None,
    state: State | None = None,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: PageSize = 50,
) -> Page[DossierSummaryBody]:
    """The newest first: a client's own, or those of an officer's agencies."""
    wanted = DossierFilter(
        reach=reach,
        code=code,
        state=state,
        before=read_cursor(cursor) if cursor is not None else None,
    )
    dossiers, more = await list_dossiers(wanted, limit=limit, reading=tools.reading())
    return Page(
        items=[DossierSummaryBody.of(dossier) for dossier in dossiers],
        next_cursor=write_cursor(dossiers[-1].id) if more else None,
    )


@router.get("/{dossier_id}")
async def get_one_dossier(dossier_id: UUID, reach: ReachDep, tools: ToolsDep) -> DossierBody:
    """Where a dossier stands: its state, its payment, its receipts, and how it came there."""
    view = await get_dossier(dossier_id, reach=reach, reading=tools.reading())
    return DossierBody.of_view(view)


@router.get(
    "/{dossier_id}/slip.pdf",
    response_class=Response,
    responses={status.HTTP_200_OK: {"content": {"application/pdf": {}}}},
)
async def get_slip(dossier_id: UUID, reach: ReachDep, tools: ToolsDep) -> Response:
    """The slip (biên nhận hồ sơ), with the QR when a fee is to be paid and has been confirmed."""
    pdf = await render_slip(
        dossier_id,
        reach=reach,
        reading=tools.reading(),
        uow=tools.uow(),
        printer=tools.printer,
    )
    headers = {
        "Content-Disposition": f'inline; filename="bien-nhan-{dossier_id}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)
