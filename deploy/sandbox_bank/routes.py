"""The bank's own interface: pay, ask, and make it say things again."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from chassis.canonical import canonical_json
from chassis.clock import Clock, vietnam_date
from chassis.ids import Ids
from chassis.keys import PrivateKey, PublicKey
from chassis.message_signatures import sign_response
from deploy.sandbox_bank.callbacks import Callbacks
from deploy.sandbox_bank.ledger import BankLedger
from deploy.sandbox_bank.payment import (
    CURRENCY,
    AmountMissing,
    BankPayment,
    Behaviour,
    UnreadableCode,
    wrong_amount,
)
from deploy.sandbox_bank.schemas import (
    AccountBody,
    AttemptBody,
    AttemptsBody,
    NotifyBody,
    PayBody,
    PaymentBody,
    PaymentsBody,
    TransferBody,
)
from deploy.sandbox_providers.settlement import LISTED_MAX, Moved, plants, settlement_csv
from services.payment.domain.qr.vietqr import UnreadableQr, read_qr

PAYMENTS_OF_A_BILL_MAX = 50

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    ledger: BankLedger
    callbacks: Callbacks
    key_id: str
    key: PrivateKey
    # Whose orders are taken; none without it.
    platform_key: PublicKey | None
    clock: Clock
    ids: Ids


def the_bank(request: Request) -> Bank:
    bank: Bank = request.app.state.bank
    return bank


BankDep = Annotated[Bank, Depends(the_bank)]


@router.post("/pay", status_code=status.HTTP_201_CREATED)
async def pay(body: PayBody, bank: BankDep) -> PaymentBody:
    """Read the code, credit the account, and send the notice in the background."""
    try:
        code = read_qr(body.qr)
    except UnreadableQr as error:
        raise UnreadableCode(error.message) from error
    amount = body.amount or code.amount
    if amount is None:
        raise AmountMissing
    if body.behaviour is Behaviour.WRONG_AMOUNT and body.amount is None:
        amount = wrong_amount(amount)
    payment = BankPayment(
        provider_reference=f"FT{bank.ids.new().hex.upper()}",
        bank_bin=code.bank_bin,
        account_number=code.account,
        bill_number=code.bill_number or "",
        purpose=code.purpose or "",
        amount=amount,
        paid_at=bank.clock.now(),
        behaviour=body.behaviour,
        delay_seconds=body.delay_seconds if body.behaviour is Behaviour.LATE else 0.0,
        refund_behaviour=body.refund_behaviour,
    )
    bank.ledger.add(payment)
    bank.callbacks.schedule(payment)
    return PaymentBody.of(payment)


@router.post("/transfers", status_code=status.HTTP_201_CREATED)
async def transfer(body: TransferBody, bank: BankDep) -> PaymentBody:
    """A transfer without a code: to an account made for one fee, or to a collection account."""
    alias = bank.ledger.find_alias(body.account_number)
    is_wrong = body.behaviour is Behaviour.WRONG_AMOUNT
    payment = BankPayment(
        provider_reference=f"FT{bank.ids.new().hex.upper()}",
        bank_bin=alias.bank_bin if alias else body.bank_bin,
        account_number=alias.account_number if alias else body.account_number,
        bill_number=alias.bill_number if alias else "",
        purpose=body.purpose,
        amount=wrong_amount(body.amount) if is_wrong else body.amount,
        paid_at=bank.clock.now(),
        behaviour=body.behaviour,
        refund_behaviour=body.refund_behaviour,
        alias_account=alias.alias_account if alias else "",
    )
    bank.ledger.add(payment)
    bank.callbacks.schedule(payment)
    return PaymentBody.of(payment)


@router.get("/payments")
async def list_payments(
    bank: BankDep, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> PaymentsBody:
    """The latest first."""
    return PaymentsBody(
        items=[PaymentBody.of(payment) for payment in bank.ledger.list_latest(limit=limit)]
    )


@router.get("/payments/{provider_reference}")
async def get_payment(provider_reference: str, bank: BankDep) -> PaymentBody:
    attempts = bank.ledger.list_attempts(provider_reference)
    return PaymentBody.of(bank.ledger.get(provider_reference), list(attempts))


@router.post("/payments/{provider_reference}/notify")
async def notify(
    provider_reference: str, bank: BankDep, body: NotifyBody | None = None
) -> AttemptsBody:
    """Send the notice now, once or as told, and show what the platform answered."""
    payment = bank.ledger.get(provider_reference)
    behaviour = body.behaviour if body else Behaviour.NORMAL
    attempts = await bank.callbacks.send(payment, behaviour)
    return AttemptsBody(items=[AttemptBody.of(attempt) for attempt in attempts])


@router.get("/settlement")
async def get_settlement(bank: BankDep, date: dt.date, plant: str = "") -> Response:
    """The transfers of a day in Vietnam as a settlement file (CSV), with what is planted in it."""
    moved = [
        Moved(
            provider_reference=one.provider_reference,
            order_reference="",
            memo=f"{one.bill_number} {one.purpose}".strip(),
            amount=one.amount,
            kind="payment",
            moved_at=one.paid_at,
        )
        for one in reversed(bank.ledger.list_latest(limit=LISTED_MAX))
        if vietnam_date(one.paid_at) == date
    ]
    return Response(settlement_csv(moved, plants(plant), on=date), media_type="text/csv")


@router.get("/enquiries/{bill_number}")
async def enquire(bill_number: str, request: Request, bank: BankDep) -> Response:
    """All payments under a bill number, none included; signed, so that it can settle money."""
    payments = bank.ledger.list_of_bill(bill_number, limit=PAYMENTS_OF_A_BILL_MAX)
    body = canonical_json(
        {"bill_number": bill_number, "payments": [payment.facts() for payment in payments]}
    )
    headers = sign_response(
        status=status.HTTP_200_OK,
        body=body,
        method=request.method,
        url=str(request.url),
        request_headers=list(request.headers.items()),
        key_id=bank.key_id,
        key=bank.key,
        clock=bank.clock,
    )
    return Response(body, headers=headers)


@router.get("/accounts/{bank_bin}/{account_number}")
async def get_account(bank_bin: str, account_number: str, bank: BankDep) -> AccountBody:
    balance = bank.ledger.balance(bank_bin=bank_bin, account_number=account_number)
    return AccountBody(
        bank_bin=bank_bin, account_number=account_number, balance=balance, currency=CURRENCY
    )
