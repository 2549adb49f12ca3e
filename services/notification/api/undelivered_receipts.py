from datetime import datetime
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from chassis.auth import CallerDep, require
from chassis.duties import DutyNeeded, is_officer
from chassis.schemas import Page, PageSize
from services.notification.api.dependencies import ToolsDep
from services.notification.domain.message import Message, MessageState
from services.notification.use_cases.list_undelivered import list_undelivered

router = APIRouter(prefix="/v1/undelivered-receipts", tags=["undelivered-receipts"])

SCOPE: Final = "message.read"
Cursor = Annotated[UUID | None, Query(description="next_cursor of the page before")]


class UndeliveredReceiptBody(BaseModel):
    """A receipt whose letter did not arrive. Who it is for, and the code that opens the receipt,
    are not told here."""

    id: UUID
    receipt_id: UUID
    dossier_code: str | None
    form_code: str
    symbol: str
    printed_number: str
    issued_at: datetime
    state: MessageState
    attempts: int
    reason: str | None
    created_at: datetime

    @classmethod
    def of(cls, message: Message) -> Self:
        facts = message.facts
        return cls(
            id=message.id,
            receipt_id=facts.receipt_id,
            dossier_code=facts.dossier_code,
            form_code=facts.form_code,
            symbol=facts.symbol,
            printed_number=facts.printed_number,
            issued_at=facts.issued_at,
            state=message.state,
            attempts=message.attempts,
            reason=message.reason,
            created_at=message.created_at,
        )


@router.get("")
async def get_undelivered_receipts(
    caller: CallerDep, tools: ToolsDep, cursor: Cursor = None, limit: PageSize = 50
) -> Page[UndeliveredReceiptBody]:
    """Receipts whose letter failed for good, or waits for more than a minute; the latest first."""
    require(caller, SCOPE)
    if not is_officer(caller):
        raise DutyNeeded
    found = await list_undelivered(
        before=cursor, limit=limit + 1, letters=tools.letters, clock=tools.clock
    )
    return Page(
        items=[UndeliveredReceiptBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )
