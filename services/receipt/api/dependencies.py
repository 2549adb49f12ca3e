from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from chassis.auth import Caller
from chassis.ports import SealingPort
from services.receipt.ports import Archive, PdfSigner, UnitOfWork

READ_ANY: Final = "receipt.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What main.py hands to the routes."""

    archive: Archive
    new_uow: Callable[[], UnitOfWork]
    signer: PdfSigner
    seals: SealingPort


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


ToolsDep = Annotated[Tools, Depends(_tools)]


def owner_of(caller: Caller) -> str | None:
    """Whose receipts this caller may see; None is everybody's. A client sees its own; people and
    sister services see any, with the scope. Nobody's name is the empty text."""
    if caller.kind in ("user", "service") and READ_ANY in caller.scopes:
        return None
    return caller.client_id or ""
