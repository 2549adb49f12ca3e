from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from services.receipt.domain.amendments.amendment import Amendment, Notice
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.use_cases.amendments.tools import AmendTools

AMEND: Final = "receipt.amend"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendRouteTools:
    """What main.py hands to the routes of corrections."""

    amending: AmendTools
    notice: Callable[[Amendment, Receipt, Notice], bytes]


async def _tools(request: Request) -> AmendRouteTools:
    tools: AmendRouteTools = request.app.state.amend_tools
    return tools


AmendToolsDep = Annotated[AmendRouteTools, Depends(_tools)]
