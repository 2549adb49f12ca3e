from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import (
    LIVE,
    AttemptStatus,
    PaymentAttempt,
    next_enquiry,
)
from services.payment.storage.intents.tables import PAYMENT_ATTEMPT

_T: Final = PAYMENT_ATTEMPT.c
_IS_LIVE: Final = _T.status.in_(sorted(LIVE))
_END: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.payment_intent_id == bindparam("intent_id"), _IS_LIVE)
    .values(status=bindparam("new_status"), ended_at=bindparam("at"))
)
_ANSWERED: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.id == bindparam("attempt_id"), _IS_LIVE)
    .values(status=bindparam("new_status"))
)
_ASK_SOON: Final = (
    update(PAYMENT_ATTEMPT)
    .where(_T.payment_intent_id == bindparam("intent_id"), _IS_LIVE)
    .where(_T.next_enquiry_at > bindparam("at"))
    .values(next_enquiry_at=bindparam("at"))
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
        await self._connection.execute(
            insert(PAYMENT_ATTEMPT),
            {
                "id": attempt.id,
                "payment_intent_id": attempt.payment_intent_id,
                "method": attempt.method,
                "provider": attempt.provider,
                "bill_reference": attempt.bill_reference,
                "status": attempt.status,
                "started_at": attempt.started_at,
                "expires_at": attempt.expires_at,
                "enquiries": attempt.enquiries,
                "next_enquiry_at": attempt.next_enquiry_at,
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

    async def ask_soon(self, intent_id: UUID, *, at: datetime) -> None:
        await self._connection.execute(_ASK_SOON, {"intent_id": intent_id, "at": at})

    async def save_answered(self, attempt: PaymentAttempt) -> None:
        await self._connection.execute(
            _ANSWERED, {"attempt_id": attempt.id, "new_status": attempt.status}
        )


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
        enquiries=row.enquiries,
        status=AttemptStatus(row.status),
    )
