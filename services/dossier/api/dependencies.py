from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from chassis.auth import Caller, CallerDep
from services.dossier.domain.errors import NotASubmitter
from services.dossier.ports import Reading, UnitOfWork
from services.dossier.use_cases.render_slip import Printer
from services.dossier.use_cases.submit_dossier import Desk

# With it, people and sister services may look at any client's dossiers.
READ_SCOPE = "dossier.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What main.py hands to the routes."""

    uow: Callable[[], UnitOfWork]
    reading: Callable[[], Reading]
    desk: Desk
    printer: Printer


def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


def _client_id(caller: CallerDep) -> str:
    if caller.kind != "client" or caller.client_id is None:
        raise NotASubmitter
    return caller.client_id


def _owner(caller: CallerDep) -> str | None:
    """Whose dossiers the caller may see; None is everybody's."""
    if _sees_all(caller):
        return None
    return _client_id(caller)


def _sees_all(caller: Caller) -> bool:
    return caller.kind in ("user", "service") and READ_SCOPE in caller.scopes


ToolsDep = Annotated[Tools, Depends(_tools)]
ClientDep = Annotated[str, Depends(_client_id)]
OwnerDep = Annotated[str | None, Depends(_owner)]
