"""What the bank does for its partner, the platform: an account for one fee, and money paid back.

Every order is signed by the platform's key; the bank signs each of its answers. An order that
comes twice under one name is done once and answered the same.
"""

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, Field, ValidationError

from chassis.canonical import canonical_json
from chassis.errors import Unauthenticated
from chassis.message_signatures import (
    FEE_REQUEST,
    READ,
    BadSignature,
    Shape,
    SignedMessage,
    sign_response,
    verify,
)
from deploy.sandbox_bank.payment import CURRENCY, Alias, BankRefund
from deploy.sandbox_bank.routes import Bank, the_bank
from deploy.sandbox_providers.order import RefundBehaviour

DEFAULT_BIN: Final = "970436"
DEFAULT_ACCOUNT: Final = "0011004000111"
ALIAS_PREFIX: Final = "VQRL"
STATUS_OF: Final = {
    RefundBehaviour.NORMAL: "succeeded",
    RefundBehaviour.LOST_ANSWER: "succeeded",
    RefundBehaviour.PENDING: "pending",
    RefundBehaviour.REFUSED: "refused",
}
router = APIRouter()
BankDep = Annotated[Bank, Depends(the_bank)]
Amount = Annotated[int, Field(gt=0, le=10**15)]
Name = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")]


class AliasBody(BaseModel):
    order_reference: Name
    bill_number: Name
    amount: Amount
    currency: str
    bank_bin: str = DEFAULT_BIN
    account_number: str = DEFAULT_ACCOUNT


class AccountBody(BaseModel):
    bank_bin: str
    account_number: str
    account_name: str


class RefundBody(BaseModel):
    refund_reference: Name
    provider_reference: Name
    amount: Amount
    currency: str
    account: AccountBody | None = None


class NotOurPartner(Unauthenticated):
    code = "not_our_partner"

    def __init__(self) -> None:
        super().__init__("The order is not signed by our partner.", vi="Lệnh không xác thực được.")


@router.post("/alias-accounts")
async def open_alias(request: Request, bank: BankDep) -> Response:
    """An account that takes the money of one fee alone, and passes it on to the collection's."""
    raw = await _proved(request, bank, FEE_REQUEST)
    try:
        body = AliasBody.model_validate_json(raw)
    except ValidationError:
        return _signed(request, bank, {"code": "unreadable_order"}, status=422)
    if body.currency != CURRENCY:
        return _signed(request, bank, {"code": "currency_not_taken"}, status=422)
    alias = bank.ledger.find_alias_of(body.order_reference)
    if alias is None:
        number = f"{ALIAS_PREFIX}{bank.ids.new().int % 10**10:010d}"
        alias = Alias(
            alias_account=number,
            order_reference=body.order_reference,
            bill_number=body.bill_number,
            amount=body.amount,
            bank_bin=body.bank_bin,
            account_number=body.account_number,
        )
        bank.ledger.add_alias(alias)
    elif alias.amount != body.amount:
        return _signed(request, bank, {"code": "another_order_of_that_name"}, status=409)
    said = {"order_reference": alias.order_reference, "alias_account": alias.alias_account}
    return _signed(request, bank, said)


@router.post("/refunds")
async def refund(request: Request, bank: BankDep) -> Response:
    """`lost_answer`: done, and the caller never hears so. `dead`: neither done nor answered."""
    raw = await _proved(request, bank, FEE_REQUEST)
    try:
        body = RefundBody.model_validate_json(raw)
    except ValidationError:
        return _signed(request, bank, {"code": "unreadable_order"}, status=422)
    known = bank.ledger.find_refund(body.refund_reference)
    if known is not None:
        return _signed(request, bank, known.facts())
    payment = bank.ledger.find(body.provider_reference)
    behaviour = payment.refund_behaviour if payment else RefundBehaviour.NORMAL
    if behaviour is RefundBehaviour.DEAD:
        return Response(status_code=504)
    made = BankRefund(
        refund_reference=body.refund_reference,
        paid_by=body.provider_reference,
        amount=body.amount,
        status=STATUS_OF[behaviour],
        provider_reference=f"RF{bank.ids.new().hex.upper()}",
        to_account=body.account.account_number if body.account else "",
        failure="refused_by_the_payers_bank" if behaviour is RefundBehaviour.REFUSED else "",
    )
    left = payment.amount - bank.ledger.refunded(payment.provider_reference) if payment else 0
    if body.amount > left or body.currency != CURRENCY:
        wrong = "more_than_was_paid" if payment else "no_such_payment"
        made = replace(made, status="refused", failure=wrong)
    bank.ledger.put_refund(made)
    if behaviour is RefundBehaviour.LOST_ANSWER:
        return Response(status_code=504)
    return _signed(request, bank, made.facts())


@router.get("/refunds/{refund_reference}")
async def get_refund(refund_reference: str, request: Request, bank: BankDep) -> Response:
    """What was pending has gone through by the time that somebody asks."""
    await _proved(request, bank, READ)
    known = bank.ledger.find_refund(refund_reference)
    if known is None:
        unknown = {"refund_reference": refund_reference, "status": "unknown"}
        return _signed(request, bank, unknown)
    if known.status == "pending":
        known = replace(known, status="succeeded")
        bank.ledger.put_refund(known)
    return _signed(request, bank, known.facts())


async def _proved(request: Request, bank: Bank, shape: Shape) -> bytes:
    body = await request.body()
    if bank.platform_key is None:
        raise NotOurPartner
    message = SignedMessage(
        method=request.method,
        url=str(request.url),
        headers=list(request.headers.items()),
        body=body,
    )
    try:
        verify(message, shape=shape, key=bank.platform_key, now=bank.clock.now())
    except BadSignature as error:
        raise NotOurPartner from error
    return body


def _signed(
    request: Request, bank: Bank, said: dict[str, Any], *, status: int = status.HTTP_200_OK
) -> Response:
    body = canonical_json(said)
    headers = sign_response(
        status=status,
        body=body,
        method=request.method,
        url=str(request.url),
        request_headers=list(request.headers.items()),
        key_id=bank.key_id,
        key=bank.key,
        clock=bank.clock,
    )
    return Response(body, status_code=status, headers=headers)
