"""Payment intents. Money is guarded here: each step is one conditional UPDATE on the state it
leaves, so of any number of simultaneous steps one wins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.errors import UnknownPaymentIntent
from services.payment.domain.intents.bill_reference import NamedReferences
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import LIVE
from services.payment.domain.intents.payment_intent import (
    ALLOWED,
    Confirmation,
    PaymentIntent,
    Status,
)
from services.payment.domain.notices.provider_notification import ProviderNotice
from services.payment.ports.intents import IntentFilter
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
_GET: Final = select(PAYMENT_INTENT).where(_T.id == bindparam("intent_id"))
_NAMED_BILL, _NAMED_DOSSIER = (
    select(PAYMENT_INTENT).where(column.in_(bindparam("named", expanding=True))).limit(2)
    for column in (_T.bill_reference, _T.plain_dossier_code)
)
_CONFIRM: Final = (
    update(PAYMENT_INTENT)
    .where(_T.id == bindparam("intent_id"), _T.status == Status.CREATED)
    .values(status=Status.CONFIRMED)
)
_SUCCEED: Final = (
    update(PAYMENT_INTENT)
    .where(_T.id == bindparam("intent_id"), _T.status == Status.CONFIRMED)
    .values(status=Status.SUCCEEDED)
)
_EXPIRE: Final = (
    update(PAYMENT_INTENT)
    .where(
        _T.id == bindparam("intent_id"),
        _T.status == Status.CONFIRMED,
        _T.expires_at <= bindparam("now"),
        ~exists().where(
            PAYMENT_ATTEMPT.c.payment_intent_id == _T.id,
            PAYMENT_ATTEMPT.c.status.in_(sorted(LIVE)),
        ),
    )
    .values(status=Status.EXPIRED)
)

_CANCEL: Final = (
    update(PAYMENT_INTENT)
    .where(
        _T.id == bindparam("intent_id"),
        _T.status.in_(
            sorted(status for status, leads_to in ALLOWED.items() if Status.CANCELLED in leads_to)
        ),
    )
    .values(status=Status.CANCELLED)
)
_REVIVE: Final = (
    update(PAYMENT_INTENT)
    .where(_T.id == bindparam("intent_id"), _T.status == Status.EXPIRED)
    .values(status=bindparam("new_status"), expires_at=bindparam("new_deadline"))
)


class SqlPaymentIntents:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, intent_id: UUID) -> PaymentIntent:
        row = (await self._connection.execute(_GET, {"intent_id": intent_id})).one_or_none()
        if row is None:
            raise UnknownPaymentIntent(intent_id)
        return to_intent(row)

    async def get_for_update(self, intent_id: UUID) -> PaymentIntent:
        # Rows that name this one may be added meanwhile; else two could wait for one another.
        held = _GET.with_for_update(key_share=True)
        row = (await self._connection.execute(held, {"intent_id": intent_id})).one_or_none()
        if row is None:
            raise UnknownPaymentIntent(intent_id)
        return to_intent(row)

    async def find_named(self, references: NamedReferences) -> PaymentIntent | None:
        for matching, named in (
            (_NAMED_BILL, references.bills),
            (_NAMED_DOSSIER, references.dossiers),
        ):
            if not named:
                continue
            found = (await self._connection.execute(matching, {"named": named})).all()
            if found:
                return to_intent(found[0]) if len(found) == 1 else None
        return None

    async def find_fitting(self, notice: ProviderNotice) -> PaymentIntent | None:
        if notice.account_number is None:
            return None
        fitting = (
            select(PAYMENT_INTENT)
            .where(
                _T.status == Status.CONFIRMED,
                _T.payee_account_number == notice.account_number,
                _T.amount_minor_units == notice.amount.minor_units,
                _T.currency == notice.amount.currency,
                _T.confirmed_at <= notice.paid_at,
                _T.expires_at > notice.paid_at,
            )
            .limit(2)
        )
        if notice.bank_bin is not None:
            fitting = fitting.where(_T.payee_bank_bin == notice.bank_bin)
        found = (await self._connection.execute(fitting)).all()
        return to_intent(found[0]) if len(found) == 1 else None

    async def add_once(self, intent: PaymentIntent) -> bool:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        statement = insert(PAYMENT_INTENT).on_conflict_do_nothing(index_elements=["id"])
        return (await self._connection.execute(statement, intent_row(intent))).rowcount == 1

    async def save_confirmed(self, intent: PaymentIntent) -> bool:
        values = {"intent_id": intent.id, **confirmation_row(intent)}
        return (await self._connection.execute(_CONFIRM, values)).rowcount == 1

    async def add_confirmed_method(self, intent_id: UUID, confirmation: Confirmation) -> bool:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        row = method_row(intent_id, confirmation)
        statement = insert(CONFIRMED_METHOD).on_conflict_do_nothing()
        return (await self._connection.execute(statement, row)).rowcount == 1

    async def find_confirmation(self, intent_id: UUID, method: Method) -> UUID | None:
        agreed = select(CONFIRMED_METHOD.c.confirmation_id).where(
            CONFIRMED_METHOD.c.payment_intent_id == intent_id,
            CONFIRMED_METHOD.c.method == method,
        )
        return (await self._connection.execute(agreed)).scalar_one_or_none()

    async def find_agreement(self, intent: PaymentIntent, method: Method) -> Confirmation | None:
        agreed = select(CONFIRMED_METHOD).where(
            CONFIRMED_METHOD.c.payment_intent_id == intent.id, CONFIRMED_METHOD.c.method == method
        )
        row = (await self._connection.execute(agreed)).one_or_none()
        if row is None:
            return None
        return Confirmation(
            id=row.confirmation_id,
            evidence_id=row.evidence_id,
            method=method,
            amount=intent.amount,
            assurance=row.assurance,
            confirmed_at=row.confirmed_at,
        )

    async def save_cancelled(self, intent_id: UUID) -> bool:
        return (await self._connection.execute(_CANCEL, {"intent_id": intent_id})).rowcount == 1

    async def save_revived(self, intent: PaymentIntent) -> bool:
        values = {
            "intent_id": intent.id,
            "new_status": intent.status,
            "new_deadline": intent.expires_at,
        }
        return (await self._connection.execute(_REVIVE, values)).rowcount == 1

    async def save_succeeded(self, intent: PaymentIntent, *, at: datetime) -> bool:
        if intent.payment is None:
            raise ValueError("an intent succeeds by a payment")
        values = {
            "intent_id": intent.id,
            "paid_method": intent.payment.method,
            "provider": intent.payment.provider,
            "provider_reference": intent.payment.provider_reference,
            "evidence_level": intent.payment.evidence_level,
            "paid_at": intent.payment.paid_at,
            "succeeded_at": at,
        }
        return (await self._connection.execute(_SUCCEED, values)).rowcount == 1

    async def save_expired(self, intent_id: UUID, *, now: datetime) -> bool:
        values = {"intent_id": intent_id, "now": now}
        return (await self._connection.execute(_EXPIRE, values)).rowcount == 1

    async def expire_unconfirmed(self, *, now: datetime, limit: int) -> Sequence[PaymentIntent]:
        oldest = (
            select(PAYMENT_INTENT)
            .where(_T.status == Status.CREATED, _T.expires_at <= now)
            .order_by(_T.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        overdue = [to_intent(row) for row in await self._connection.execute(oldest)]
        expire = (
            update(PAYMENT_INTENT)
            .where(_T.id.in_([intent.id for intent in overdue]), _T.status == Status.CREATED)
            .values(status=Status.EXPIRED)
        )
        if overdue:
            await self._connection.execute(expire)
        return [intent.move_to(Status.EXPIRED) for intent in overdue]

    async def list_page(
        self, wanted: IntentFilter, *, before: UUID | None, limit: int
    ) -> Sequence[PaymentIntent]:
        latest = select(PAYMENT_INTENT).order_by(_T.id.desc()).limit(limit)
        reach = wanted.reach
        if reach.client_id is not None:
            latest = latest.where(_T.client_id == reach.client_id)
        if reach.agencies is not None:
            latest = latest.where(_T.agency_code.in_(sorted(reach.agencies)))
        for column, value in (
            (_T.status, wanted.status),
            (_T.dossier_id, wanted.dossier_id),
            (_T.reference, wanted.reference),
            (_T.bill_batch_id, wanted.batch_id),
        ):
            if value is not None:
                latest = latest.where(column == value)
        if before is not None:
            latest = latest.where(_T.id < before)
        return [to_intent(row) for row in await self._connection.execute(latest)]
