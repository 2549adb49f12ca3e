from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.payment.domain.ledger.books import Period, PostedEntry
from services.payment.domain.ledger.transaction import Direction
from services.payment.ports.ledger import EntryKey, Folio
from services.payment.storage.ledger.tables import LEDGER_ENTRY, LEDGER_TRANSACTION

_E: Final = LEDGER_ENTRY.c
_T: Final = LEDGER_TRANSACTION.c
_ORDER: Final = (_E.booked_on, _E.ledger_transaction_id, _E.line)
_POSTED: Final = (
    select(
        LEDGER_ENTRY,
        _T.posted_at,
        _T.cause,
        _T.cause_kind,
        _T.payment_intent_id,
        _T.discrepancy_id,
        _T.refund_id,
    )
    .join_from(LEDGER_ENTRY, LEDGER_TRANSACTION, _T.id == _E.ledger_transaction_id)
    .order_by(*_ORDER)
)


async def list_entries(
    connection: AsyncConnection,
    folio: Folio,
    *,
    period: Period,
    after: EntryKey | None,
    limit: int,
) -> Sequence[PostedEntry]:
    found = _POSTED.where(_E.booked_on.between(period.since, period.until)).limit(limit)
    if folio.agencies is not None:
        found = found.where(_E.agency_code.in_(sorted(folio.agencies)))
    if folio.book is not None:
        found = found.where(_E.account == folio.book.account, _E.currency == folio.book.currency)
    if after is not None:
        found = found.where(
            tuple_(*_ORDER) > tuple_(after.booked_on, after.transaction_id, after.line)
        )
    return [_to_entry(row) for row in await connection.execute(found)]


def _to_entry(row: Row[Any]) -> PostedEntry:
    return PostedEntry(
        transaction_id=row.ledger_transaction_id,
        line=row.line,
        booked_on=row.booked_on,
        posted_at=row.posted_at,
        account=row.account,
        direction=Direction(row.direction),
        amount=Money(row.amount_minor_units, row.currency),
        cause=row.cause,
        cause_kind=row.cause_kind,
        payment_intent_id=row.payment_intent_id,
        discrepancy_id=row.discrepancy_id,
        refund_id=row.refund_id,
        agency_code=row.agency_code,
    )
