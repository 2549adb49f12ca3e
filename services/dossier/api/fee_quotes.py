from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.clock import vietnam_date
from services.dossier.api.dependencies import ToolsDep
from services.dossier.api.fields import AgencyCode, CaseCode, GroupCode, ProcedureCode
from services.dossier.api.schemas import FeeQuoteBody
from services.dossier.domain.catalog import Channel, PayerType
from services.dossier.domain.fee import FeeQuestion
from services.dossier.use_cases.quote_fee import quote_fee

router = APIRouter(prefix="/v1/fee-quotes", tags=["fee-quotes"])

LineAndQuantity = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}:[0-9]{1,5}$"), Field(examples=["ban:3"])
]


class FeeQuoteQuery(BaseModel):
    """`quantity` and `exemption_group` may be repeated; a quantity is `line_code:count`."""

    model_config = ConfigDict(extra="forbid")

    procedure_code: ProcedureCode
    agency_code: AgencyCode
    channel: Channel
    payer_type: PayerType = PayerType.PERSON
    case_code: CaseCode | None = None
    quantity: Annotated[list[LineAndQuantity], Field(max_length=50)] = []
    exemption_group: Annotated[list[GroupCode], Field(max_length=20)] = []

    def to_question(self) -> FeeQuestion:
        pairs = (text.rsplit(":", 1) for text in self.quantity)
        return FeeQuestion(
            channel=self.channel,
            payer_type=self.payer_type,
            case_code=self.case_code,
            quantities={line_code: int(count) for line_code, count in pairs},
            exemption_groups=frozenset(self.exemption_group),
        )


@router.get("")
async def get_fee_quote(query: Annotated[FeeQuoteQuery, Query()], tools: ToolsDep) -> FeeQuoteBody:
    """What a dossier would cost if it were submitted today."""
    offer, fee = await quote_fee(
        query.to_question(),
        procedure_code=query.procedure_code,
        agency_code=query.agency_code,
        reading=tools.reading(),
        clock=tools.desk.clock,
    )
    return FeeQuoteBody.of(offer, fee, on=vietnam_date(tools.desk.clock.now()))
