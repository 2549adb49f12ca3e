"""The money that refunds take from. How much of it is taken stands in its own row, beside a check
of the database that it is never more than came in."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Big
from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import HOLDS_NO_MONEY, DiscrepancyStatus
from services.payment.domain.intents.payment_attempt import AttemptStatus
from services.payment.domain.intents.payment_intent import FeeKind, Status
from services.payment.domain.refunds.source import RefundLine, RefundSource, SourceKind
from services.payment.storage.discrepancies.rows import to_discrepancy
from services.payment.storage.discrepancies.tables import DISCREPANCY
from services.payment.storage.intents.tables import PAYMENT_ATTEMPT, PAYMENT_INTENT
from services.payment.storage.notices.tables import PROVIDER_NOTIFICATION

_I: Final = PAYMENT_INTENT.c
_D: Final = DISCREPANCY.c
_N: Final = PROVIDER_NOTIFICATION.c
_A: Final = PAYMENT_ATTEMPT.c
# How the provider was told of the order: as it said itself, or else as we know the try to be.
_SAID: Final = (
    select(_N.order_reference)
    .where(_N.provider == _I.provider, _N.provider_reference == _I.provider_reference)
    .where(_N.order_reference.is_not(None))
    .limit(1)
    .scalar_subquery()
)
_TRIED: Final = (
    select(_A.order_reference)
    .where(_A.payment_intent_id == _I.id, _A.provider == _I.provider)
    .where(_A.status == AttemptStatus.SUCCEEDED, _A.order_reference.is_not(None))
    .limit(1)
    .scalar_subquery()
)
_PAYMENT: Final = select(
    PAYMENT_INTENT, func.coalesce(_SAID, _TRIED).label("order_reference")
).where(_I.id == bindparam("source_id"))
_SUSPENSE: Final = (
    select(
        DISCREPANCY,
        _I.dossier_id,
        _I.dossier_code,
        _N.order_reference,
        _N.paid_at.label("came"),
    )
    .join(PROVIDER_NOTIFICATION, _N.id == _D.provider_notification_id)
    .outerjoin(PAYMENT_INTENT, _I.id == _D.payment_intent_id)
    .where(_D.id == bindparam("source_id"))
)
# Money that was applied to a fee or cleared is not there to be paid back either.
_GONE: Final = _D.refunded_minor_units + _D.applied_minor_units + _D.cleared_minor_units
_AMOUNT: Final[BindParameter[int]] = bindparam("amount", type_=Big)
# Of any number at once one wins: who follows finds another sum left than it has seen.
RESERVE: Final = {
    SourceKind.PAYMENT: update(PAYMENT_INTENT)
    .where(
        _I.id == bindparam("source_id"),
        _I.status == Status.SUCCEEDED,
        _I.amount_minor_units - _I.refunded_minor_units == bindparam("seen", type_=Big),
        _I.refunded_minor_units + _AMOUNT <= _I.amount_minor_units,
    )
    .values(refunded_minor_units=_I.refunded_minor_units + _AMOUNT),
    SourceKind.DISCREPANCY: update(DISCREPANCY)
    .where(
        _D.id == bindparam("source_id"),
        _D.received_minor_units - _GONE == bindparam("seen", type_=Big),
        _D.received_minor_units >= _GONE + _AMOUNT,
        _D.reason.not_in(sorted(HOLDS_NO_MONEY)),
        _D.status != DiscrepancyStatus.RESOLVED,
    )
    .values(refunded_minor_units=_D.refunded_minor_units + _AMOUNT),
}
RELEASE: Final = {
    SourceKind.PAYMENT: update(PAYMENT_INTENT)
    .where(_I.id == bindparam("source_id"))
    .values(refunded_minor_units=_I.refunded_minor_units - _AMOUNT),
    SourceKind.DISCREPANCY: update(DISCREPANCY)
    .where(_D.id == bindparam("source_id"))
    .values(refunded_minor_units=_D.refunded_minor_units - _AMOUNT),
}


async def find_source(
    connection: AsyncConnection, kind: SourceKind, id: UUID
) -> RefundSource | None:
    question = _PAYMENT if kind is SourceKind.PAYMENT else _SUSPENSE
    row = (await connection.execute(question, {"source_id": id})).one_or_none()
    if row is None:
        return None
    return _of_payment(row) if kind is SourceKind.PAYMENT else _of_discrepancy(row)


def _of_payment(row: Row[Any]) -> RefundSource:
    return RefundSource(
        kind=SourceKind.PAYMENT,
        id=row.id,
        payment_intent_id=row.id,
        dossier_id=row.dossier_id,
        dossier_code=row.dossier_code,
        client_id=row.client_id,
        agency_code=row.agency_code,
        paid=Money(row.amount_minor_units, row.currency),
        refunded=Money(row.refunded_minor_units, row.currency),
        lines=tuple(
            RefundLine(
                line_code=line["line_code"],
                kind=FeeKind(line["kind"]),
                agency_code=line.get("agency_code") or row.agency_code,
                amount=Money(line["amount_minor_units"], row.currency),
            )
            for line in row.lines
        ),
        provider=row.provider or "",
        provider_reference=row.provider_reference or "",
        order_reference=row.order_reference,
        paid_at=row.paid_at,
    )


def _of_discrepancy(row: Row[Any]) -> RefundSource:
    case = to_discrepancy(row)
    return RefundSource(
        kind=SourceKind.DISCREPANCY,
        id=row.id,
        payment_intent_id=row.payment_intent_id,
        dossier_id=row.dossier_id,
        dossier_code=row.dossier_code,
        client_id=row.client_id,
        agency_code=row.agency_code,
        paid=Money(row.received_minor_units, row.currency),
        refunded=case.received - case.held,
        lines=(),
        provider=row.provider,
        provider_reference=row.provider_reference,
        order_reference=row.order_reference,
        # A word that contradicts another holds no money.
        paid_at=row.came if case.holds_money else None,
    )
