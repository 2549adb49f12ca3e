from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from chassis.auth import Caller
from chassis.clock import Clock
from chassis.duties import Reach, is_officer
from chassis.ports import SealingPort
from services.receipt.ports.checks import Checks, DocumentChecker, SignatureHolders
from services.receipt.ports.receipts import Archive
from services.receipt.ports.signing import PdfSigner
from services.receipt.ports.unit_of_work import UnitOfWork

READ: Final = "receipt.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What main.py hands to the routes."""

    archive: Archive
    new_uow: Callable[[], UnitOfWork]
    signer: PdfSigner
    seals: SealingPort
    checks: Checks
    holders: SignatureHolders
    clock: Clock
    # None: files are compared by their bytes only, and nobody judges signatures.
    checker: DocumentChecker | None = None


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


ToolsDep = Annotated[Tools, Depends(_tools)]


def reach_of(caller: Caller) -> Reach:
    """Whose receipts this caller may see: a client its own, an officer those of their agencies, a
    sister service any; people and services with the scope. Everybody else sees none."""
    if READ in caller.scopes and caller.kind == "service":
        return Reach.everything()
    if READ in caller.scopes and is_officer(caller):
        return Reach.of_officer(caller)
    return Reach.of_client(caller.client_id or "")
