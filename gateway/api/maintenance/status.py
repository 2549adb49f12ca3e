from fastapi import APIRouter

from gateway.api.dependencies import ToolsDep, UowDep
from gateway.api.maintenance.schemas import StatusBody
from gateway.use_cases.maintenance.read_status import read_status

router = APIRouter(prefix="/v1/status", tags=["status"])


@router.get("")
async def get_status(uow: UowDep, tools: ToolsDep) -> StatusBody:
    """How the platform is now, which stops are planned, and how much of each month it answered."""
    return StatusBody.of(await read_status(probe=tools.probe, uow=uow, clock=tools.clock))
