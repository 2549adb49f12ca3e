from uuid import UUID

from fastapi import APIRouter

from chassis.auth import CallerDep, require
from chassis.schemas import Page, PageSize
from services.payment.api.dependencies import Cursor, ToolsDep, reach
from services.payment.api.intents.filters import WantedDep
from services.payment.api.intents.schemas import ConfirmationBody, PaymentIntentBody
from services.payment.domain.intents.payment_intent import Confirmation
from services.payment.use_cases.intents.confirm_payment import confirm_payment
from services.payment.use_cases.intents.get_payment_intent import get_payment_intent
from services.payment.use_cases.intents.list_payment_intents import list_payment_intents

router = APIRouter(prefix="/v1/payment-intents", tags=["payment-intents"])


@router.get("")
async def get_payment_intent_page(
    wanted: WantedDep, tools: ToolsDep, cursor: Cursor = None, limit: PageSize = 50
) -> Page[PaymentIntentBody]:
    """The latest first: a client's own, or those of an officer's agencies."""
    found = await list_payment_intents(
        wanted, before=cursor, limit=limit + 1, reading=tools.open_reading()
    )
    return Page(
        items=[PaymentIntentBody.of(intent) for intent in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/{intent_id}")
async def get_one_payment_intent(
    intent_id: UUID, caller: CallerDep, tools: ToolsDep
) -> PaymentIntentBody:
    """One intent as it is now: a client's own, an officer's agency's, or the one to be paid."""
    return PaymentIntentBody.of(
        await get_payment_intent(intent_id, reach=reach(caller), reading=tools.open_reading())
    )


@router.post("/{intent_id}/confirmation")
async def post_confirmation(
    intent_id: UUID, body: ConfirmationBody, caller: CallerDep, tools: ToolsDep
) -> PaymentIntentBody:
    """Let a confirmed fee be paid. The same confirmation gets the same answer again."""
    require(caller, "payment.confirm")
    confirmation = Confirmation(
        id=body.confirmation_id,
        evidence_id=body.evidence_id,
        method=body.method,
        amount=body.amount.to_money(),
        assurance=body.assurance,
        confirmed_at=tools.clock.now(),
    )
    return PaymentIntentBody.of(
        await confirm_payment(
            intent_id,
            confirmation,
            provider=tools.vietqr_provider,
            uow=tools.open_uow(),
            clock=tools.clock,
            ids=tools.ids,
        )
    )
