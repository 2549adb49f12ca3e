from uuid import UUID

from fastapi import APIRouter, Response

from gateway.api.dependencies import ReachDep, ToolsDep, UowDep
from gateway.use_cases.evidence.export_evidence import export_evidence

router = APIRouter(prefix="/v1/payment-intents", tags=["evidence"])


@router.get(
    "/{id}/evidence",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "The bundle"}},
)
async def get_evidence(id: UUID, reach: ReachDep, uow: UowDep, tools: ToolsDep) -> Response:
    """All that proves this fee, as one archive that `lephi verify` checks without us."""
    bundle = await export_evidence(id, reach=reach, uow=uow, tools=tools.exporting)
    return Response(
        bundle,
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="evidence-{id}.zip"'},
    )
