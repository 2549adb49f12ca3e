from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, status

from gateway.api.dependencies import ActorDep, ToolsDep, UowDep
from gateway.api.maintenance.schemas import AnnounceWindowBody, WindowBody, WindowPageBody
from gateway.use_cases.maintenance.announce_window import announce_window
from gateway.use_cases.maintenance.cancel_window import cancel_window
from gateway.use_cases.maintenance.end_window import end_window
from gateway.use_cases.maintenance.list_windows import list_windows

PAGE_MAX: Final = 100
router = APIRouter(prefix="/v1/maintenance-windows", tags=["maintenance"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_window(
    body: AnnounceWindowBody, actor: ActorDep, uow: UowDep, tools: ToolsDep
) -> WindowBody:
    """Announce a stop. Refused when it is longer, or told later, than the policy allows."""
    window = await announce_window(
        body.to_stop(), actor=actor, uow=uow, clock=tools.clock, ids=tools.ids
    )
    return WindowBody.of(window)


@router.get("")
async def get_windows(
    uow: UowDep,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 20,
) -> WindowPageBody:
    """Every stop there was and will be, newest first."""
    found = await list_windows(before=cursor, limit=limit, uow=uow)
    return WindowPageBody(
        items=[WindowBody.of(window) for window in found],
        next_cursor=found[-1].id if len(found) == limit else None,
    )


@router.post("/{id}/end")
async def post_end(id: UUID, actor: ActorDep, uow: UowDep, tools: ToolsDep) -> WindowBody:
    """End a stop before its time: fees open again."""
    return WindowBody.of(await end_window(id, actor=actor, uow=uow, clock=tools.clock))


@router.delete("/{id}")
async def delete_window(id: UUID, actor: ActorDep, uow: UowDep, tools: ToolsDep) -> WindowBody:
    """Call off a stop that has not begun."""
    return WindowBody.of(await cancel_window(id, actor=actor, uow=uow, clock=tools.clock))
