"""Bills as their billers open them: many in few statements, none of them twice."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Insert, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.intents.payment_attempt import PaymentAttempt
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.storage.intents.payment_attempts import attempt_row
from services.payment.storage.intents.rows import (
    confirmation_row,
    intent_row,
    method_row,
    to_intent,
)
from services.payment.storage.intents.tables import (
    CONFIRMED_METHOD,
    PAYMENT_ATTEMPT,
    PAYMENT_INTENT,
)

_T: Final = PAYMENT_INTENT.c


class SqlBills:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_opened(
        self, bills: Sequence[tuple[PaymentIntent, PaymentAttempt]]
    ) -> frozenset[UUID]:
        if not bills:
            return frozenset()
        # Of two that open one bill at once, one waits here for the other's transaction.
        added = await self._connection.execute(
            self._adding().returning(_T.id), [_opened_row(intent) for intent, _ in bills]
        )
        new = frozenset(row.id for row in added)
        opened = [(intent, attempt) for intent, attempt in bills if intent.id in new]
        if opened:
            await self._connection.execute(
                insert(CONFIRMED_METHOD), [_method_row(intent) for intent, _ in opened]
            )
            await self._connection.execute(
                insert(PAYMENT_ATTEMPT), [attempt_row(attempt) for _, attempt in opened]
            )
        return new

    async def find_by_key(self, client_id: str, idempotency_key: str) -> PaymentIntent | None:
        with_key = select(PAYMENT_INTENT).where(
            _T.client_id == client_id, _T.idempotency_key == idempotency_key
        )
        row = (await self._connection.execute(with_key)).one_or_none()
        return None if row is None else to_intent(row)

    async def find_by_references(
        self, client_id: str, references: Collection[str]
    ) -> Mapping[str, PaymentIntent]:
        named = select(PAYMENT_INTENT).where(
            _T.client_id == client_id, _T.reference.in_(sorted(references))
        )
        rows = await self._connection.execute(named)
        return {row.reference: to_intent(row) for row in rows}

    def _adding(self) -> Insert:
        if self._connection.dialect.name == "postgresql":
            return postgresql_insert(PAYMENT_INTENT).on_conflict_do_nothing()
        return sqlite_insert(PAYMENT_INTENT).on_conflict_do_nothing()


def _opened_row(intent: PaymentIntent) -> dict[str, Any]:
    return intent_row(intent) | confirmation_row(intent)


def _method_row(intent: PaymentIntent) -> dict[str, Any]:
    assert intent.confirmation is not None, "a bill is opened with its biller's word"
    return method_row(intent.id, intent.confirmation)
