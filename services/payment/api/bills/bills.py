"""Where billers open bills one by one, and get the pictures of their codes."""

from uuid import UUID

from fastapi import APIRouter, Response, status

from chassis.auth import CallerDep
from chassis.http import IdempotencyKey
from services.payment.api.bills.billers import biller_of, evidence_of
from services.payment.api.bills.pictures import PICTURES
from services.payment.api.bills.schemas import OpenBillBody
from services.payment.api.dependencies import ToolsDep, reach
from services.payment.api.intents.schemas import PaymentIntentBody
from services.payment.domain.bills.errors import NoCodeToShow
from services.payment.domain.intents.payment_intent import Status
from services.payment.use_cases.bills.open_one_bill import open_one_bill
from services.payment.use_cases.intents.get_payment_intent import get_payment_intent

router = APIRouter(prefix="/v1/payment-intents", tags=["bills"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_payment_intent(
    body: OpenBillBody, idempotency_key: IdempotencyKey, caller: CallerDep, tools: ToolsDep
) -> PaymentIntentBody:
    """Open a bill (school, hospital, electricity, water, sanitation, telecom) with its code.

    Repeating the request with the same key is safe.
    """
    bill = await open_one_bill(
        body.to_request(biller_of(caller)),
        key=idempotency_key,
        evidence_id=evidence_of(caller),
        uow=tools.open_uow(),
        desk=tools.bill_desk,
    )
    return PaymentIntentBody.of(bill)


@router.get(
    "/{intent_id}/qr.svg",
    response_class=Response,
    responses={status.HTTP_200_OK: {"content": {"image/svg+xml": {}}}},
)
async def get_qr_svg(intent_id: UUID, caller: CallerDep, tools: ToolsDep) -> Response:
    """The code to print on the bill, while it can be paid."""
    return await _picture(intent_id, "svg", caller, tools)


@router.get(
    "/{intent_id}/qr.png",
    response_class=Response,
    responses={status.HTTP_200_OK: {"content": {"image/png": {}}}},
)
async def get_qr_png(intent_id: UUID, caller: CallerDep, tools: ToolsDep) -> Response:
    return await _picture(intent_id, "png", caller, tools)


async def _picture(intent_id: UUID, kind: str, caller: CallerDep, tools: ToolsDep) -> Response:
    intent = await get_payment_intent(intent_id, reach=reach(caller), reading=tools.open_reading())
    if intent.status is not Status.CONFIRMED or intent.qr_payload is None:
        raise NoCodeToShow
    media_type, draw = PICTURES[kind]
    headers = {
        "Content-Disposition": f'inline; filename="vietqr-{intent.bill_reference}.{kind}"',
        "Cache-Control": "private, no-store",
    }
    return Response(draw(intent.qr_payload), media_type=media_type, headers=headers)
