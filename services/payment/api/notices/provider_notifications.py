from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response

from chassis.auth import Caller, CallerDep, require
from services.payment.api.dependencies import Tools, ToolsDep
from services.payment.api.notices.schemas import VerdictBody
from services.payment.use_cases.notices.record_notification import Arrival, record_notification

router = APIRouter(prefix="/v1/provider-notifications", tags=["provider-notifications"])

# Each provider has its own form; what proves a notice is proved over its very bytes.
ANY_JSON: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}
}


# Providers that wait for a form of their own get that instead.
OUR_FORM: dict[int | str, dict[str, Any]] = {200: {"model": VerdictBody}}
PAYMENT_INTENT: Final = "lephi-payment-intent"


@router.post("/{provider}", openapi_extra=ANY_JSON, responses=OUR_FORM)
async def post_provider_notification(
    provider: Annotated[str, Path(pattern="^[a-z0-9-]{1,50}$")],
    request: Request,
    caller: CallerDep,
    tools: ToolsDep,
) -> Response:
    """Hear a provider's word about money. However often the same is said, the answer is the same.

    An answer means that the notice and its effect are stored for good.
    """
    return await _record(provider, await request.body(), caller, tools)


@router.post("/{provider}/bank/api/transaction-sync", openapi_extra=ANY_JSON, responses=OUR_FORM)
async def post_transaction_sync(
    provider: Annotated[str, Path(pattern="^[a-z0-9-]{1,50}$")],
    request: Request,
    caller: CallerDep,
    tools: ToolsDep,
) -> Response:
    """The same at the path that vietqr.vn appends to the address it is given."""
    return await _record(provider, await request.body(), caller, tools)


@router.get("/{provider}", responses=OUR_FORM)
async def get_provider_notification(
    provider: Annotated[str, Path(pattern="^[a-z0-9-]{1,50}$")],
    request: Request,
    caller: CallerDep,
    tools: ToolsDep,
) -> Response:
    """The same for a provider that sends its notices as the query of a GET."""
    raw: bytes = request.scope["query_string"]
    return await _record(provider, raw, caller, tools)


async def _record(provider: str, raw: bytes, caller: Caller, tools: Tools) -> Response:
    require(caller, "provider.notify")
    arrival = Arrival(
        provider=provider,
        raw=raw,
        client_id=caller.client_id,
        evidence_id=caller.evidence_id,
        evidence_level=caller.evidence_level,
    )
    verdict = await record_notification(
        arrival,
        providers=tools.providers,
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
    # The gateway links its evidence by this, in whatever form the answer itself is.
    headers = {PAYMENT_INTENT: str(verdict.payment_intent_id)} if verdict.payment_intent_id else {}
    answer = tools.providers[provider].answer(raw, verdict)
    if answer is None:
        body = VerdictBody.of(verdict).model_dump_json().encode()
        return Response(body, media_type="application/json", headers=headers)
    return Response(
        answer.body, status_code=answer.status, media_type=answer.media_type, headers=headers
    )
