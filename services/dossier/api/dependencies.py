from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from chassis.auth import Caller, CallerDep, require
from chassis.duties import Reach, is_officer
from services.dossier.domain.errors import NotASubmitter
from services.dossier.ports import Reading, UnitOfWork
from services.dossier.use_cases.render_slip import Printer
from services.dossier.use_cases.submit_dossier import Desk

SUBMIT_SCOPE = "dossier.submit"
READ_SCOPE = "dossier.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What main.py hands to the routes."""

    uow: Callable[[], UnitOfWork]
    reading: Callable[[], Reading]
    desk: Desk
    printer: Printer


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


async def _submitter(caller: CallerDep) -> str:
    require(caller, SUBMIT_SCOPE)
    return _client_id(caller)


async def _list_reach(caller: CallerDep) -> Reach:
    """A client lists its own, an officer those of their agencies."""
    require(caller, READ_SCOPE)
    return Reach.of_officer(caller) if is_officer(caller) else Reach.of_client(_client_id(caller))


async def _reach(caller: CallerDep) -> Reach:
    """As for lists; sister services see any.

    A citizen's session reads none of them here: a dossier and its slip name the applicant.
    """
    require(caller, READ_SCOPE)
    return Reach.everything() if caller.kind == "service" else await _list_reach(caller)


def _client_id(caller: Caller) -> str:
    if caller.kind != "client" or caller.client_id is None:
        raise NotASubmitter
    return caller.client_id


ToolsDep = Annotated[Tools, Depends(_tools)]
SubmitterDep = Annotated[str, Depends(_submitter)]
ListReachDep = Annotated[Reach, Depends(_list_reach)]
ReachDep = Annotated[Reach, Depends(_reach)]
