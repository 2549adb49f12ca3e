from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from chassis.auth import Caller, MissingScope
from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.ports import Provider, Reading, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What main.py hands to the routes."""

    open_uow: Callable[[], UnitOfWork]
    open_reading: Callable[[], Reading]
    providers: Mapping[str, Provider]
    vietqr_provider: str
    clock: Clock
    ids: Ids


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


ToolsDep = Annotated[Tools, Depends(_tools)]
# The id of the last item that the caller has seen.
Cursor = Annotated[UUID | None, Query(description="next_cursor of the page before")]


def visible_client(caller: Caller, scope: str) -> str | None:
    """Whose things the caller may see: its own as a client; everybody's (None) by the scope."""
    if scope in caller.scopes and caller.kind in ("user", "service"):
        return None
    if caller.kind == "client" and caller.client_id is not None:
        return caller.client_id
    raise MissingScope(scope)
