from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.intents.method import FLOWS, Flow, Method
from services.payment.domain.intents.payment_attempt import (
    LIVE,
    AttemptStatus,
    PaymentAttempt,
    next_enquiry,
)
from services.payment.ports.intents import PaidAttempt
from services.payment.storage.intents.tables import PAYMENT_ATTEMPT

_T: Final = PAYMENT_ATTEMPT.c
_IS_LIVE: Final = _T.status.in_(sorted(LIVE))
_END: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.payment_intent_id == bindparam("intent_id"), _IS_LIVE)
    .values(status=bindparam("new_status"), ended_at=bindparam("at"))
)
_MAY_STILL_SUCCEED: Final = sorted(LIVE | {AttemptStatus.FAILED})
_SUCCEED: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.id == bindparam("attempt_id"), _T.status.in_(_MAY_STILL_SUCCEED))
    .values(status=AttemptStatus.SUCCEEDED, ended_at=bindparam("at"))
)
_CODES: Final = sorted(
    method for method, flow in FLOWS.items() if flow in (Flow.CODE, Flow.TRANSFER)
)
_CLOSE_CODES: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.payment_intent_id == bindparam("intent_id"), _IS_LIVE, _T.method.in_(_CODES))
    .values(
        status=case(
            (_T.provider == bindparam("paid_by"), AttemptStatus.SUCCEEDED),
            else_=AttemptStatus.CANCELLED,
        ),
        ended_at=bindparam("at"),
    )
)
_STARTED: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.id == bindparam("attempt_id"), _T.status == AttemptStatus.CREATED)
    .values(
        status=AttemptStatus.PENDING,
        pay_url=bindparam("url"),
        alias_account=bindparam("alias"),
    )
)
_ENDED: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.id == bindparam("attempt_id"), _IS_LIVE)
    .values(status=bindparam("new_status"), failure=bindparam("why"), ended_at=bindparam("at"))
)
_ANSWERED: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.id == bindparam("attempt_id"), _IS_LIVE)
    .values(status=bindparam("new_status"))
)
_CLAIM: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.id == bindparam("attempt_id"))
    .values(enquiries=bindparam("asked"), next_enquiry_at=bindparam("again_at"))
)


class SqlPaymentAttempts:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, attempt: PaymentAttempt) -> None:
        await self._connection.execute(insert(PAYMENT_ATTEMPT), attempt_row(attempt))

    async def add_once(self, attempt: PaymentAttempt) -> bool:
        postgresql = self._connection.dialect.name == "postgresql"
        either = postgresql_insert if postgresql else sqlite_insert
        statement = either(PAYMENT_ATTEMPT).on_conflict_do_nothing()
        return (await self._connection.execute(statement, attempt_row(attempt))).rowcount == 1

    async def find_live(self, intent_id: UUID, method: Method) -> PaymentAttempt | None:
        return await self._find(_T.payment_intent_id == intent_id, _T.method == method, _IS_LIVE)

    async def list_of_intent(self, intent_id: UUID, *, limit: int) -> Sequence[PaymentAttempt]:
        all_of = (
            select(PAYMENT_ATTEMPT)
            .where(_T.payment_intent_id == intent_id)
            .order_by(_T.number, _T.id)
            .limit(limit)
        )
        return [_to_attempt(row) for row in await self._connection.execute(all_of)]

    async def last_number(self, intent_id: UUID) -> int:
        last = select(func.max(_T.number)).where(_T.payment_intent_id == intent_id)
        return (await self._connection.scalar(last)) or 0

    async def find_by_order(self, provider: str, order_reference: str) -> PaymentAttempt | None:
        return await self._find(_T.provider == provider, _T.order_reference == order_reference)

    async def find_by_alias(self, provider: str, alias_account: str) -> PaymentAttempt | None:
        """The latest that was given this account: a bank may give one out again."""
        return await self._find(_T.alias_account == alias_account, _T.provider == provider)

    async def _find(self, *which: ColumnElement[bool]) -> PaymentAttempt | None:
        latest = select(PAYMENT_ATTEMPT).where(*which).order_by(_T.id.desc()).limit(1)
        row = (await self._connection.execute(latest)).one_or_none()
        return None if row is None else _to_attempt(row)

    async def save_started(self, attempt: PaymentAttempt) -> bool:
        values = {
            "attempt_id": attempt.id,
            "url": attempt.pay_url,
            "alias": attempt.alias_account,
        }
        return (await self._connection.execute(_STARTED, values)).rowcount == 1

    async def save_ended(self, attempt: PaymentAttempt, *, at: datetime) -> bool:
        values = {
            "attempt_id": attempt.id,
            "new_status": attempt.status,
            "why": attempt.failure,
            "at": at,
        }
        return (await self._connection.execute(_ENDED, values)).rowcount == 1

    async def end_paid(self, intent_id: UUID, *, paid: PaidAttempt, at: datetime) -> None:
        if paid.attempt_id is not None:
            await self._connection.execute(_SUCCEED, {"attempt_id": paid.attempt_id, "at": at})
        await self._connection.execute(
            _CLOSE_CODES,
            {
                "intent_id": intent_id,
                "paid_by": paid.provider if paid.attempt_id is None else "",
                "at": at,
            },
        )

    async def end_live(self, intent_id: UUID, status: AttemptStatus, *, at: datetime) -> None:
        await self._connection.execute(
            _END, {"intent_id": intent_id, "new_status": status, "at": at}
        )

    async def claim_due(self, *, now: datetime, limit: int) -> Sequence[PaymentAttempt]:
        due = (
            select(PAYMENT_ATTEMPT)
            .where(_IS_LIVE, _T.next_enquiry_at <= now)
            .order_by(_T.next_enquiry_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = [_to_attempt(row) for row in await self._connection.execute(due)]
        if claimed:
            await self._connection.execute(_CLAIM, [_asked(one, now) for one in claimed])
        return claimed

    async def save_answered(self, attempt: PaymentAttempt) -> None:
        await self._connection.execute(
            _ANSWERED, {"attempt_id": attempt.id, "new_status": attempt.status}
        )

    async def count_unknown(self, *, before: datetime) -> int:
        old = select(func.count()).where(_T.status == AttemptStatus.UNKNOWN, _T.started_at < before)
        return (await self._connection.execute(old)).scalar_one()


def _asked(attempt: PaymentAttempt, now: datetime) -> dict[str, Any]:
    asked = attempt.enquiries + 1
    again_at = next_enquiry(now=now, enquiries=asked, expires_at=attempt.expires_at)
    return {"attempt_id": attempt.id, "asked": asked, "again_at": again_at}


def _to_attempt(row: Row[Any]) -> PaymentAttempt:
    return PaymentAttempt(
        id=row.id,
        payment_intent_id=row.payment_intent_id,
        method=Method(row.method),
        provider=row.provider,
        bill_reference=row.bill_reference,
        started_at=row.started_at,
        expires_at=row.expires_at,
        next_enquiry_at=row.next_enquiry_at,
        number=row.number,
        order_reference=row.order_reference,
        bank_code=row.bank_code,
        pay_url=row.pay_url,
        alias_account=row.alias_account,
        failure=row.failure,
        enquiries=row.enquiries,
        status=AttemptStatus(row.status),
    )


def attempt_row(attempt: PaymentAttempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "payment_intent_id": attempt.payment_intent_id,
        "number": attempt.number,
        "method": attempt.method,
        "provider": attempt.provider,
        "bill_reference": attempt.bill_reference,
        "order_reference": attempt.order_reference,
        "bank_code": attempt.bank_code,
        "pay_url": attempt.pay_url,
        "alias_account": attempt.alias_account,
        "failure": attempt.failure,
        "status": attempt.status,
        "started_at": attempt.started_at,
        "expires_at": attempt.expires_at,
        "enquiries": attempt.enquiries,
        "next_enquiry_at": attempt.next_enquiry_at,
    }
