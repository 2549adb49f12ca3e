from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.duties import Reach
from chassis.money import Money
from services.payment.domain.counter.payments import (
    CardScheme,
    CashPayment,
    PosBatch,
    PosPayment,
    PosSlip,
    Request,
)
from services.payment.storage.counter.statements import insert_once, of_request
from services.payment.storage.counter.tables import CASH_PAYMENT, POS_PAYMENT

_CASH: Final = CASH_PAYMENT.c
_POS: Final = POS_PAYMENT.c


class SqlCounterPayments:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_cash_once(self, payment: CashPayment) -> bool:
        return await insert_once(self._connection, CASH_PAYMENT, _cash_to_row(payment))

    async def find_cash(self, request: Request) -> CashPayment | None:
        return await self._find_cash(select(CASH_PAYMENT).where(of_request(CASH_PAYMENT, request)))

    async def find_cash_of(self, payment_intent_id: UUID) -> CashPayment | None:
        return await self._find_cash(
            select(CASH_PAYMENT).where(_CASH.payment_intent_id == payment_intent_id)
        )

    async def _find_cash(self, one: Select[Any]) -> CashPayment | None:
        row = (await self._connection.execute(one)).one_or_none()
        return None if row is None else _to_cash(row)

    async def list_cash(
        self, drawer_id: UUID, *, before: UUID | None, limit: int
    ) -> Sequence[CashPayment]:
        latest = (
            select(CASH_PAYMENT)
            .where(_CASH.cash_drawer_id == drawer_id)
            .order_by(_CASH.id.desc())
            .limit(limit)
        )
        if before is not None:
            latest = latest.where(_CASH.id < before)
        return [_to_cash(row) for row in await self._connection.execute(latest)]

    async def add_pos_once(self, payment: PosPayment) -> bool:
        return await insert_once(self._connection, POS_PAYMENT, _pos_to_row(payment))

    async def find_pos(self, request: Request) -> PosPayment | None:
        mine = select(POS_PAYMENT).where(of_request(POS_PAYMENT, request))
        row = (await self._connection.execute(mine)).one_or_none()
        return None if row is None else _to_pos(row)

    async def save_pos_discrepancy(self, payment: PosPayment) -> None:
        await self._connection.execute(
            update(POS_PAYMENT)
            .where(_POS.id == payment.id)
            .values(discrepancy_reason=payment.discrepancy)
        )

    async def list_batches(
        self, *, reach: Reach, after: tuple[str, str] | None, limit: int
    ) -> Sequence[PosBatch]:
        batch = (_POS.agency_code, _POS.terminal_id, _POS.batch_no, _POS.currency)
        summed = (
            select(
                *batch,
                func.count().label("payments"),
                func.sum(_POS.amount_minor_units).label("total"),
                func.min(_POS.paid_at).label("first_at"),
                func.max(_POS.paid_at).label("last_at"),
            )
            .group_by(*batch)
            .order_by(_POS.terminal_id, _POS.batch_no)
            .limit(limit)
        )
        if reach.agencies is not None:
            summed = summed.where(_POS.agency_code.in_(sorted(reach.agencies)))
        if after is not None:
            terminal, number = after
            same = and_(_POS.terminal_id == terminal, _POS.batch_no > number)
            summed = summed.where(or_(_POS.terminal_id > terminal, same))
        return [_to_batch(row) for row in await self._connection.execute(summed)]

    async def list_slips(
        self, batch: tuple[str, str], *, reach: Reach, before: UUID | None, limit: int
    ) -> Sequence[PosPayment]:
        terminal, number = batch
        latest = (
            select(POS_PAYMENT)
            .where(_POS.terminal_id == terminal, _POS.batch_no == number)
            .order_by(_POS.id.desc())
            .limit(limit)
        )
        if reach.agencies is not None:
            latest = latest.where(_POS.agency_code.in_(sorted(reach.agencies)))
        if before is not None:
            latest = latest.where(_POS.id < before)
        return [_to_pos(row) for row in await self._connection.execute(latest)]


def _cash_to_row(payment: CashPayment) -> dict[str, Any]:
    return {
        "id": payment.id,
        "cash_drawer_id": payment.drawer_id,
        "payment_intent_id": payment.payment_intent_id,
        "agency_code": payment.agency_code,
        "officer": payment.request.officer,
        "amount_minor_units": payment.amount.minor_units,
        "tendered_minor_units": payment.tendered.minor_units,
        "currency": payment.amount.currency,
        "paid_at": payment.paid_at,
        "idempotency_key": payment.request.idempotency_key,
        "request_fingerprint": payment.request.fingerprint,
    }


def _to_cash(row: Row[Any]) -> CashPayment:
    return CashPayment(
        id=row.id,
        request=_to_request(row),
        payment_intent_id=row.payment_intent_id,
        drawer_id=row.cash_drawer_id,
        agency_code=row.agency_code,
        amount=Money(row.amount_minor_units, row.currency),
        tendered=Money(row.tendered_minor_units, row.currency),
        paid_at=row.paid_at,
    )


def _pos_to_row(payment: PosPayment) -> dict[str, Any]:
    slip = payment.slip
    return {
        "id": payment.id,
        "payment_intent_id": payment.payment_intent_id,
        "agency_code": payment.agency_code,
        "officer": payment.request.officer,
        "terminal_id": slip.terminal_id,
        "batch_no": slip.batch_no,
        "approval_code": slip.approval_code,
        "card_scheme": slip.card_scheme,
        "reference": slip.reference,
        "amount_minor_units": payment.amount.minor_units,
        "currency": payment.amount.currency,
        "paid_at": payment.paid_at,
        "discrepancy_reason": payment.discrepancy,
        "idempotency_key": payment.request.idempotency_key,
        "request_fingerprint": payment.request.fingerprint,
    }


def _to_pos(row: Row[Any]) -> PosPayment:
    return PosPayment(
        id=row.id,
        request=_to_request(row),
        payment_intent_id=row.payment_intent_id,
        agency_code=row.agency_code,
        slip=PosSlip(
            terminal_id=row.terminal_id,
            batch_no=row.batch_no,
            approval_code=row.approval_code,
            card_scheme=CardScheme(row.card_scheme),
            reference=row.reference,
        ),
        amount=Money(row.amount_minor_units, row.currency),
        paid_at=row.paid_at,
        discrepancy=row.discrepancy_reason,
    )


def _to_batch(row: Row[Any]) -> PosBatch:
    return PosBatch(
        terminal_id=row.terminal_id,
        batch_no=row.batch_no,
        agency_code=row.agency_code,
        payments=row.payments,
        total=Money(int(row.total), row.currency),
        first_at=row.first_at,
        last_at=row.last_at,
    )


def _to_request(row: Row[Any]) -> Request:
    return Request(
        officer=row.officer,
        idempotency_key=row.idempotency_key,
        fingerprint=row.request_fingerprint,
    )
