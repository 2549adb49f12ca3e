from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from chassis.clock import Clock
from chassis.ids import Ids
from services.receipt.ports.keeping import OpenKeeping
from services.receipt.ports.receipts import Archive

KEEP: Final = "receipt.keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingTools:
    """What main.py hands to the routes of keeping. None of them touches the vault."""

    open_keeping: OpenKeeping
    open_reading: OpenKeeping
    archive: Archive
    clock: Clock
    ids: Ids


async def _tools(request: Request) -> KeepingTools:
    tools: KeepingTools = request.app.state.keeping_tools
    return tools


KeepingToolsDep = Annotated[KeepingTools, Depends(_tools)]
