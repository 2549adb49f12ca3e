from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from chassis.auth import Caller, CallerDep, require
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


async def _reader(caller: CallerDep) -> str:
    require(caller, READ_SCOPE)
    return _client_id(caller)


async def _owner(caller: CallerDep) -> str | None:
    """Whose dossiers the caller may see; None is everybody's, for sister services only.

    A citizen's session reads none of them here: a dossier and its slip name the applicant.
    """
    require(caller, READ_SCOPE)
    return None if caller.kind == "service" else _client_id(caller)


def _client_id(caller: Caller) -> str:
    if caller.kind != "client" or caller.client_id is None:
        raise NotASubmitter
    return caller.client_id


ToolsDep = Annotated[Tools, Depends(_tools)]
SubmitterDep = Annotated[str, Depends(_submitter)]
ReaderDep = Annotated[str, Depends(_reader)]
OwnerDep = Annotated[str | None, Depends(_owner)]
