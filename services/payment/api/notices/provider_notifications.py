from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from chassis.auth import Caller, CallerDep, require
from services.payment.api.dependencies import Tools, ToolsDep
from services.payment.api.notices.schemas import VerdictBody
from services.payment.use_cases.notices.record_notification import Arrival, record_notification

router = APIRouter(prefix="/v1/provider-notifications", tags=["provider-notifications"])

# Each provider has its own form; what proves a notice is proved over its very bytes.
ANY_JSON: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}
}


@router.post("/{provider}", openapi_extra=ANY_JSON)
async def post_provider_notification(
    provider: Annotated[str, Path(pattern="^[a-z0-9-]{1,50}$")],
    request: Request,
    caller: CallerDep,
    tools: ToolsDep,
) -> VerdictBody:
    """Hear a provider's word about money. However often the same is said, the answer is the same.

    An answer means that the notice and its effect are stored for good.
    """
    return await _record(provider, await request.body(), caller, tools)


@router.get("/{provider}")
async def get_provider_notification(
    provider: Annotated[str, Path(pattern="^[a-z0-9-]{1,50}$")],
    request: Request,
    caller: CallerDep,
    tools: ToolsDep,
) -> VerdictBody:
    """The same for a provider that sends its notices as the query of a GET."""
    raw: bytes = request.scope["query_string"]
    return await _record(provider, raw, caller, tools)


async def _record(provider: str, raw: bytes, caller: Caller, tools: Tools) -> VerdictBody:
    require(caller, "provider.notify")
    arrival = Arrival(
        provider=provider,
        raw=raw,
        client_id=caller.client_id,
        evidence_id=caller.evidence_id,
        evidence_level=caller.evidence_level,
    )
    return VerdictBody.of(
        await record_notification(
            arrival,
            providers=tools.providers,
            uow=tools.open_uow(),
            clock=tools.clock,
            ids=tools.ids,
        )
    )
