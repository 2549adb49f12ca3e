from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.schemas import AMOUNT_MAX
from services.receipt.api.outside.schemas import Line, PayerWordsBody
from services.receipt.api.receipts.schemas import FeeLineBody
from services.receipt.domain.amendments.amendment import (
    Amendment,
    AmendmentState,
    AmendmentType,
    CancelGround,
)
from services.receipt.domain.amendments.content import LineChange

LINES_MAX = 200


class LineChangeBody(BaseModel):
    """A line of the receipt by its position, from 1. `amount`, in đồng: the whole of a replaced
    line, zero leaves it out; of an increase or decrease the difference."""

    model_config = ConfigDict(extra="forbid")

    position: Annotated[int, Field(ge=1, le=LINES_MAX)]
    amount: Annotated[int | None, Field(ge=0, le=AMOUNT_MAX)] = None
    name: Line | None = None

    def to_change(self) -> LineChange:
        return LineChange(position=self.position, amount=self.amount, name=self.name)


class AskingBody(BaseModel):
    """What is left out stays as it is. Only a cancellation has a `ground`."""

    model_config = ConfigDict(extra="forbid")

    type: AmendmentType
    reason: Line
    lines: Annotated[list[LineChangeBody], Field(max_length=LINES_MAX)] = []
    payer: PayerWordsBody | None = None
    ground: CancelGround | None = None


class RejectionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: Line


class NoticeBody(BaseModel):
    """04/SS-CTĐT: its number counts the agency's notices of the year."""

    number: int
    year: int
    on: date


class AmendmentBody(BaseModel):
    """Who paid is told by the receipts' files alone."""

    id: UUID
    receipt_id: UUID
    agency_code: str
    type: AmendmentType
    state: AmendmentState
    reason: str
    ground: CancelGround | None
    lines: list[FeeLineBody]
    new_payer: bool
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    # The receipt that was made of it; none of a cancellation.
    result_id: UUID | None
    notice: NoticeBody | None

    @classmethod
    def of(cls, one: Amendment) -> Self:
        notice = one.notice
        return cls(
            id=one.id,
            receipt_id=one.receipt_id,
            agency_code=one.agency_code,
            type=one.type,
            state=one.state,
            reason=one.reason,
            ground=one.ground,
            lines=[FeeLineBody.of(line) for line in one.lines],
            new_payer=one.payer_sealed is not None,
            asked_by=one.asked_by,
            asked_at=one.asked_at,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            note=one.note,
            result_id=one.result_id,
            notice=NoticeBody(number=notice.number, year=notice.year, on=notice.on)
            if notice
            else None,
        )
