from uuid import UUID

from fastapi import APIRouter

from chassis.auth import CallerDep
from services.payment.api.dependencies import ToolsDep, reach
from services.payment.api.methods.schemas import OfferBody, OffersBody
from services.payment.use_cases.methods.list_offered_methods import list_offered_methods

router = APIRouter(prefix="/v1/payment-intents", tags=["payment-intents"])


@router.get("/{intent_id}/methods")
async def get_offered_methods(intent_id: UUID, caller: CallerDep, tools: ToolsDep) -> OffersBody:
    """The published ways to pay, each with why it cannot be used for this fee now, if it cannot."""
    offers = await list_offered_methods(
        intent_id, reach=reach(caller), reading=tools.open_reading(), clock=tools.clock
    )
    return OffersBody(items=[OfferBody.of(offer) for offer in offers])
