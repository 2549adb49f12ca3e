"""Payment intents. Money is guarded here: each step is one conditional UPDATE on the state it
leaves, so of any number of simultaneous steps one wins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.duties import Reach
from chassis.money import Money
from services.payment.domain.errors import UnknownPaymentIntent
from services.payment.domain.intents.bill_reference import NamedReferences, plain
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import LIVE
from services.payment.domain.intents.payment_intent import (
    ALLOWED,
    Confirmation,
    FeeKind,
    FeeLine,
    Payee,
    Payment,
    PaymentIntent,
    Status,
)
from services.payment.domain.intents.source import Bill, Source
from services.payment.storage.intents.tables import (
    CONFIRMED_METHOD,
    PAYMENT_ATTEMPT,
    PAYMENT_INTENT,
)

_T: Final = PAYMENT_INTENT.c
_GET: Final = select(PAYMENT_INTENT).where(_T.id == bindparam("intent_id"))
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
        return _to_intent(row)

    async def get_for_update(self, intent_id: UUID) -> PaymentIntent:
        held = _GET.with_for_update()
        row = (await self._connection.execute(held, {"intent_id": intent_id})).one_or_none()
        if row is None:
            raise UnknownPaymentIntent(intent_id)
        return _to_intent(row)

    async def find_named(self, references: NamedReferences) -> PaymentIntent | None:
        for column, named in (
            (_T.bill_reference, references.bills),
            (_T.plain_dossier_code, references.dossiers),
        ):
            if not named:
                continue
            matching = select(PAYMENT_INTENT).where(column.in_(named)).limit(2)
            found = (await self._connection.execute(matching)).all()
            if found:
                return _to_intent(found[0]) if len(found) == 1 else None
        return None

    async def add_once(self, intent: PaymentIntent) -> bool:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        statement = insert(PAYMENT_INTENT).on_conflict_do_nothing(index_elements=["id"])
        return (await self._connection.execute(statement, _to_row(intent))).rowcount == 1

    async def save_confirmed(self, intent: PaymentIntent) -> bool:
        if intent.confirmation is None:
            raise ValueError("an intent is confirmed by a confirmation")
        values = {
            "intent_id": intent.id,
            "confirmation_id": intent.confirmation.id,
            "confirmation_evidence_id": intent.confirmation.evidence_id,
            "method": intent.confirmation.method,
            "assurance": intent.confirmation.assurance,
            "confirmed_at": intent.confirmation.confirmed_at,
            "bill_reference": intent.bill_reference,
            "qr_payload": intent.qr_payload,
        }
        return (await self._connection.execute(_CONFIRM, values)).rowcount == 1

    async def find_by_attempt(self, attempt_id: UUID) -> PaymentIntent | None:
        of_attempt = select(PAYMENT_INTENT).where(
            _T.id
            == select(PAYMENT_ATTEMPT.c.payment_intent_id)
            .where(PAYMENT_ATTEMPT.c.id == attempt_id)
            .scalar_subquery()
        )
        row = (await self._connection.execute(of_attempt)).one_or_none()
        return None if row is None else _to_intent(row)

    async def add_confirmed_method(self, intent_id: UUID, confirmation: Confirmation) -> bool:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        row = {
            "payment_intent_id": intent_id,
            "method": confirmation.method,
            "confirmation_id": confirmation.id,
            "evidence_id": confirmation.evidence_id,
            "assurance": confirmation.assurance,
            "confirmed_at": confirmation.confirmed_at,
        }
        statement = insert(CONFIRMED_METHOD).on_conflict_do_nothing()
        return (await self._connection.execute(statement, row)).rowcount == 1

    async def find_confirmation(self, intent_id: UUID, method: Method) -> UUID | None:
        agreed = select(CONFIRMED_METHOD.c.confirmation_id).where(
            CONFIRMED_METHOD.c.payment_intent_id == intent_id,
            CONFIRMED_METHOD.c.method == method,
        )
        return (await self._connection.execute(agreed)).scalar_one_or_none()

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
        overdue = [_to_intent(row) for row in await self._connection.execute(oldest)]
        expire = (
            update(PAYMENT_INTENT)
            .where(_T.id.in_([intent.id for intent in overdue]), _T.status == Status.CREATED)
            .values(status=Status.EXPIRED)
        )
        if overdue:
            await self._connection.execute(expire)
        return [intent.move_to(Status.EXPIRED) for intent in overdue]

    async def list_page(
        self,
        *,
        reach: Reach,
        status: Status | None,
        dossier_id: UUID | None,
        before: UUID | None,
        limit: int,
    ) -> Sequence[PaymentIntent]:
        latest = select(PAYMENT_INTENT).order_by(_T.id.desc()).limit(limit)
        if reach.client_id is not None:
            latest = latest.where(_T.client_id == reach.client_id)
        if reach.agencies is not None:
            latest = latest.where(_T.agency_code.in_(sorted(reach.agencies)))
        if status is not None:
            latest = latest.where(_T.status == status)
        if dossier_id is not None:
            latest = latest.where(_T.dossier_id == dossier_id)
        if before is not None:
            latest = latest.where(_T.id < before)
        return [_to_intent(row) for row in await self._connection.execute(latest)]


def _to_row(intent: PaymentIntent) -> dict[str, Any]:
    bill = intent.bill
    return {
        "id": intent.id,
        "dossier_id": intent.dossier_id,
        "dossier_code": intent.dossier_code,
        "plain_dossier_code": _plain_dossier_code(intent),
        "procedure_code": intent.procedure_code,
        "procedure_name": intent.procedure_name,
        "agency_code": intent.agency_code,
        "agency_name": intent.agency_name,
        "client_id": intent.client_id,
        "lines": [_line_to_document(line) for line in intent.lines],
        "amount_minor_units": intent.amount.minor_units,
        "currency": intent.amount.currency,
        "payee_bank_bin": intent.payee.bank_bin,
        "payee_account_number": intent.payee.account_number,
        "payee_account_name": intent.payee.account_name,
        "payer_sealed": intent.payer_sealed,
        "status": intent.status,
        "created_at": intent.created_at,
        "expires_at": intent.expires_at,
        "source": intent.source,
        "reference": bill.reference if bill else None,
        "request_fingerprint": bill.fingerprint if bill else None,
        "idempotency_key": bill.idempotency_key if bill else None,
        "bill_batch_id": bill.batch_id if bill else None,
    }


def _plain_dossier_code(intent: PaymentIntent) -> str | None:
    of_dossier = intent.source is Source.DOSSIER and intent.dossier_code is not None
    return plain(intent.dossier_code or "") if of_dossier else None


def _to_intent(row: Row[Any]) -> PaymentIntent:
    return PaymentIntent(
        id=row.id,
        dossier_id=row.dossier_id,
        dossier_code=row.dossier_code,
        procedure_code=row.procedure_code,
        procedure_name=row.procedure_name,
        agency_code=row.agency_code,
        agency_name=row.agency_name,
        client_id=row.client_id,
        lines=tuple(_document_to_line(line, row.currency) for line in row.lines),
        amount=Money(row.amount_minor_units, row.currency),
        payee=Payee(
            bank_bin=row.payee_bank_bin,
            account_number=row.payee_account_number,
            account_name=row.payee_account_name,
        ),
        payer_sealed=row.payer_sealed,
        created_at=row.created_at,
        expires_at=row.expires_at,
        status=Status(row.status),
        confirmation=_to_confirmation(row),
        bill_reference=row.bill_reference,
        qr_payload=row.qr_payload,
        payment=_to_payment(row),
        bill=_to_bill(row),
        refunded_minor_units=row.refunded_minor_units,
    )


def _to_bill(row: Row[Any]) -> Bill | None:
    if row.reference is None:
        return None
    return Bill(
        reference=row.reference,
        fingerprint=row.request_fingerprint,
        idempotency_key=row.idempotency_key,
        batch_id=row.bill_batch_id,
    )


def _to_confirmation(row: Row[Any]) -> Confirmation | None:
    if row.confirmation_id is None:
        return None
    return Confirmation(
        id=row.confirmation_id,
        evidence_id=row.confirmation_evidence_id,
        method=Method(row.method),
        # The amount that was confirmed is the intent's: no other is ever stored.
        amount=Money(row.amount_minor_units, row.currency),
        assurance=row.assurance,
        confirmed_at=row.confirmed_at,
    )


def _to_payment(row: Row[Any]) -> Payment | None:
    if row.provider_reference is None:
        return None
    return Payment(
        method=Method(row.paid_method),
        provider=row.provider,
        provider_reference=row.provider_reference,
        evidence_level=row.evidence_level,
        paid_at=row.paid_at,
    )


def _line_to_document(line: FeeLine) -> dict[str, Any]:
    return {
        "line_code": line.line_code,
        "name": line.name,
        "kind": line.kind,
        "quantity": line.quantity,
        "amount_minor_units": line.amount.minor_units,
        "legal_basis": line.legal_basis,
        "agency_code": line.agency_code,
        "agency_name": line.agency_name,
    }


def _document_to_line(line: dict[str, Any], currency: str) -> FeeLine:
    return FeeLine(
        line_code=line["line_code"],
        name=line["name"],
        kind=FeeKind(line["kind"]),
        quantity=line["quantity"],
        amount=Money(line["amount_minor_units"], currency),
        legal_basis=line["legal_basis"],
        agency_code=line.get("agency_code"),
        agency_name=line.get("agency_name"),
    )
