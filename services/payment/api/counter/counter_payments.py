from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, status

from chassis.auth import CallerDep, require
from chassis.schemas import Page, PageSize
from services.payment.api.counter.cash_drawers import (
    COUNTER_SCOPE,
    asked,
    counter_tools,
    office_reach,
)
from services.payment.api.counter.fields import CounterKey
from services.payment.api.counter.schemas import (
    CashPaymentBody,
    CashPaymentForm,
    PosBatchBody,
    PosPaymentBody,
    PosPaymentForm,
)
from services.payment.api.dependencies import Cursor, ToolsDep
from services.payment.use_cases.counter.list_drawers import list_pos_batches, list_pos_slips
from services.payment.use_cases.counter.record_cash_payment import Tendered, record_cash_payment
from services.payment.use_cases.counter.record_pos_payment import Charged, record_pos_payment

router = APIRouter(tags=["counter"])
BatchCursor = Annotated[
    str | None,
    Query(pattern=r"^[A-Z0-9]{8}-[0-9]{1,6}$", description="next_cursor of the page before"),
]
Terminal = Annotated[str, Path(pattern=r"^[A-Z0-9]{8}$")]
Batch = Annotated[str, Path(pattern=r"^[0-9]{1,6}$")]


@router.post("/v1/payment-intents/{intent_id}/cash-payments", status_code=status.HTTP_201_CREATED)
async def post_cash_payment(
    intent_id: UUID, body: CashPaymentForm, key: CounterKey, caller: CallerDep, tools: ToolsDep
) -> CashPaymentBody:
    """Take cash for a fee that an officer confirmed for cash. The answer says the change; any
    refusal means: take no money."""
    require(caller, COUNTER_SCOPE)
    tendered = Tendered(
        payment_intent_id=intent_id, drawer_id=body.drawer_id, amount=body.tendered.to_money()
    )
    payment = await record_cash_payment(
        tendered,
        asked(caller, key, body, intent_id),
        caller=caller,
        uow=tools.open_uow(),
        tools=counter_tools(tools),
    )
    return CashPaymentBody.of(payment)


@router.post("/v1/payment-intents/{intent_id}/pos-payments", status_code=status.HTTP_201_CREATED)
async def post_pos_payment(
    intent_id: UUID, body: PosPaymentForm, key: CounterKey, caller: CallerDep, tools: ToolsDep
) -> PosPaymentBody:
    """Enter the slip of a card terminal. Its money has moved, so what does not fit is kept as a
    discrepancy; a slip is entered once."""
    require(caller, COUNTER_SCOPE)
    charged = Charged(payment_intent_id=intent_id, slip=body.slip(), amount=body.amount.to_money())
    payment = await record_pos_payment(
        charged,
        asked(caller, key, body, intent_id),
        caller=caller,
        uow=tools.open_uow(),
        tools=counter_tools(tools),
    )
    return PosPaymentBody.of(payment)


@router.get("/v1/pos-batches")
async def get_pos_batch_page(
    caller: CallerDep, tools: ToolsDep, cursor: BatchCursor = None, limit: PageSize = 50
) -> Page[PosBatchBody]:
    """What each terminal's batch comes to, by terminal and batch: to be held against the slip
    that the terminal prints at its batch close, and against its acquirer's file."""
    terminal, _, batch = (cursor or "").partition("-")
    found = await list_pos_batches(
        reach=office_reach(caller),
        after=(terminal, batch) if cursor else None,
        limit=limit + 1,
        reading=tools.open_reading(),
    )
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[PosBatchBody.of(one) for one in found[:limit]],
        next_cursor=f"{last.terminal_id}-{last.batch_no}" if last else None,
    )


@router.get("/v1/pos-batches/{terminal_id}/{batch_no}/payments")
async def get_pos_slip_page(
    terminal_id: Terminal,
    batch_no: Batch,
    caller: CallerDep,
    tools: ToolsDep,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[PosPaymentBody]:
    """The slips of one batch, the latest first."""
    found = await list_pos_slips(
        (terminal_id, batch_no),
        reach=office_reach(caller),
        before=cursor,
        limit=limit + 1,
        reading=tools.open_reading(),
    )
    return Page(
        items=[PosPaymentBody.of(one) for one in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )
