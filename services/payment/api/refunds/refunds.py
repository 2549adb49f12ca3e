from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from chassis.auth import Caller, CallerDep
from chassis.duties import Reach
from chassis.http import IdempotencyKey
from chassis.idempotency import fingerprint
from chassis.money import Money
from chassis.schemas import Page, PageSize
from services.payment.api.dependencies import Cursor, Tools, ToolsDep, list_reach
from services.payment.api.refunds.callers import asking_reach, officers_reach, pays_by_hand
from services.payment.api.refunds.refunds_csv import refunds_csv
from services.payment.api.refunds.schemas import OneRefundBody, RefundBody, RequestRefundBody
from services.payment.domain.refunds.refund import RefundStatus, Requester
from services.payment.domain.refunds.source import SourceKind
from services.payment.ports.refunds import RefundFilter
from services.payment.use_cases.refunds.look_up_refunds import get_refund, list_refunds
from services.payment.use_cases.refunds.request_refund import RefundWish, request_refund
from services.payment.use_cases.refunds.sealed_account import seal_account

CSV_ROWS_MAX: Final = 5_000

router = APIRouter(prefix="/v1", tags=["refunds"])


@router.post("/payment-intents/{intent_id}/refunds", status_code=status.HTTP_201_CREATED)
async def post_refund_of_payment(
    intent_id: UUID,
    body: RequestRefundBody,
    idempotency_key: IdempotencyKey,
    caller: CallerDep,
    tools: ToolsDep,
) -> RefundBody:
    """Ask for a paid fee, or a part of it, to go back. Repeating it with the same key is safe."""
    source = (SourceKind.PAYMENT, intent_id)
    wish = _wish(source, body, asking_reach(caller), _requester(caller, idempotency_key), tools)
    return await _ask(wish, tools)


@router.post("/discrepancies/{discrepancy_id}/refunds", status_code=status.HTTP_201_CREATED)
async def post_refund_of_discrepancy(
    discrepancy_id: UUID,
    body: RequestRefundBody,
    idempotency_key: IdempotencyKey,
    caller: CallerDep,
    tools: ToolsDep,
) -> RefundBody:
    """Ask for money that fits no fee to go back; for officers of the agency it lies with."""
    source = (SourceKind.DISCREPANCY, discrepancy_id)
    wish = _wish(source, body, officers_reach(caller), _requester(caller, idempotency_key), tools)
    return await _ask(wish, tools)


@router.get(
    "/refunds",
    responses={200: {"content": {"text/csv": {}}, "description": "A page, or one CSV file"}},
    response_model=Page[RefundBody],
)
async def get_refund_page(
    caller: CallerDep,
    tools: ToolsDep,
    status: RefundStatus | None = None,
    payment_intent_id: UUID | None = None,
    discrepancy_id: UUID | None = None,
    dossier_id: UUID | None = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Page[RefundBody] | Response:
    """The latest first. As CSV up to 5,000 rows; `Link` says where the next file begins."""
    most = CSV_ROWS_MAX if form == "csv" else limit
    wanted = RefundFilter(
        reach=list_reach(caller),
        status=status,
        payment_intent_id=payment_intent_id,
        discrepancy_id=discrepancy_id,
        dossier_id=dossier_id,
        before=cursor,
        limit=most + 1,
    )
    found = await list_refunds(wanted, reading=tools.open_reading())
    shown = [RefundBody.of_refund(refund) for refund in found[:most]]
    following = str(shown[-1].id) if len(found) > most else None
    if form == "json":
        return Page(items=shown, next_cursor=following)
    headers = {"Content-Disposition": 'attachment; filename="refunds.csv"'}
    if following is not None:
        headers["Link"] = f'</v1/refunds?format=csv&cursor={following}>; rel="next"'
    return Response(refunds_csv(shown), media_type="text/csv", headers=headers)


@router.get("/refunds/{refund_id}")
async def get_one_refund(refund_id: UUID, caller: CallerDep, tools: ToolsDep) -> OneRefundBody:
    """One refund as it is now. Its account is shown masked, but to accountants."""
    refund, account = await get_refund(
        refund_id, reach=list_reach(caller), seals=tools.seals, reading=tools.open_reading()
    )
    return OneRefundBody.of_view(refund, account, whole=pays_by_hand(caller))


def _requester(caller: Caller, idempotency_key: str) -> Requester:
    return Requester(kind=caller.kind, subject=caller.subject, idempotency_key=idempotency_key)


def _wish(
    source: tuple[SourceKind, UUID],
    body: RequestRefundBody,
    reach: Reach,
    requester: Requester,
    tools: Tools,
) -> RefundWish:
    kind, id = source
    account = body.account
    return RefundWish(
        kind=kind,
        source_id=id,
        reach=reach,
        amount=body.amount.to_money(),
        seen=Money(body.amount_available, body.amount.currency),
        reason=body.reason,
        lines=body.to_lines(),
        requester=requester,
        fingerprint=fingerprint({"of": f"{kind}:{id}", **body.model_dump(mode="json")}),
        account_sealed=seal_account(account.to_account(), tools.seals) if account else None,
    )


async def _ask(wish: RefundWish, tools: Tools) -> RefundBody:
    return RefundBody.of_refund(
        await request_refund(
            wish,
            automatic_up_to=tools.refund_approval_above,
            uow=tools.open_uow(),
            clock=tools.clock,
            ids=tools.ids,
        )
    )
