from typing import Final
from uuid import UUID

from fastapi import APIRouter, status

from chassis.auth import Caller, CallerDep, require
from services.payment.api.dependencies import Tools, ToolsDep, reach
from services.payment.api.intents.schemas import (
    AttemptBody,
    AttemptsBody,
    PaymentIntentBody,
    RevivalBody,
    StartAttemptBody,
)
from services.payment.use_cases.intents.cancel_payment import cancel_payment
from services.payment.use_cases.intents.get_payment_intent import get_payment_intent
from services.payment.use_cases.intents.list_attempts import list_attempts
from services.payment.use_cases.intents.revive_payment import Revival, revive_payment
from services.payment.use_cases.intents.start_attempt import (
    AttemptTools,
    WantedAttempt,
    start_attempt,
)

router = APIRouter(prefix="/v1/payment-intents", tags=["payment-intents"])
PAY_SCOPE: Final = "payment.pay"
MANAGE_SCOPE: Final = "payment.manage"


@router.post("/{intent_id}/attempts", status_code=status.HTTP_201_CREATED)
async def post_attempt(
    intent_id: UUID, body: StartAttemptBody, caller: CallerDep, tools: ToolsDep
) -> AttemptBody:
    """Begin to pay by a confirmed method: the answer says where. While an attempt by this method
    is open, asking again gets that one, so the request can be repeated."""
    require(caller, PAY_SCOPE)
    await _require_seen(intent_id, caller, tools)
    wanted = WantedAttempt(
        method=body.method,
        bank_code=body.bank_code,
        language=body.language,
        client_ip=str(body.client_ip),
        cheque=body.cheque.to_cheque() if body.cheque else None,
        return_url=body.return_url or f"{tools.public_origin}/pay/{intent_id}",
    )
    attempt_tools = AttemptTools(
        providers=tools.providers,
        routes=tools.routes,
        availability=tools.availability,
        clock=tools.clock,
        ids=tools.ids,
    )
    return AttemptBody.of(
        await start_attempt(intent_id, wanted, uow=tools.open_uow(), tools=attempt_tools)
    )


@router.get("/{intent_id}/attempts")
async def get_attempts(intent_id: UUID, caller: CallerDep, tools: ToolsDep) -> AttemptsBody:
    """Every try to pay this fee, in order: at most fifty."""
    await _require_seen(intent_id, caller, tools)
    found = await list_attempts(intent_id, uow=tools.open_uow())
    return AttemptsBody(items=[AttemptBody.of(attempt) for attempt in found])


@router.post("/{intent_id}/cancellation")
async def post_cancellation(
    intent_id: UUID, caller: CallerDep, tools: ToolsDep
) -> PaymentIntentBody:
    """Ask for the fee no longer. Repeating it is safe; what is paid cannot be cancelled."""
    require(caller, MANAGE_SCOPE)
    return PaymentIntentBody.of(
        await cancel_payment(
            intent_id, reach=reach(caller), uow=tools.open_uow(), clock=tools.clock
        )
    )


@router.post("/{intent_id}/revival")
async def post_revival(
    intent_id: UUID, body: RevivalBody, caller: CallerDep, tools: ToolsDep
) -> PaymentIntentBody:
    """Let an expired fee be paid after all, under the same reference and by the same code."""
    require(caller, MANAGE_SCOPE)
    revival = Revival(
        expires_at=body.expires_at,
        lifetime=tools.intent_lifetime,
        provider=tools.vietqr_provider,
    )
    return PaymentIntentBody.of(
        await revive_payment(
            intent_id,
            revival,
            reach=reach(caller),
            uow=tools.open_uow(),
            tools=(tools.clock, tools.ids),
        )
    )


async def _require_seen(intent_id: UUID, caller: Caller, tools: Tools) -> None:
    await get_payment_intent(intent_id, reach=reach(caller), reading=tools.open_reading())
