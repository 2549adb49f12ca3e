"""Balances at a cost that does not grow with history: the totals of closed days are looked up,
and only the entries of open days are added up."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, and_, case, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.ledger.books import Book, Turnover
from services.payment.domain.ledger.transaction import Direction
from services.payment.ports.ledger import Folio
from services.payment.storage.ledger.tables import (
    LEDGER_ACCOUNT,
    LEDGER_ACCOUNT_DAY,
    LEDGER_CLOSED_DAY,
    LEDGER_ENTRY,
)

_ACCOUNT: Final = LEDGER_ACCOUNT.c
_DAY: Final = LEDGER_ACCOUNT_DAY.c
_ENTRY: Final = LEDGER_ENTRY.c
_AMOUNT: Final = _ENTRY.amount_minor_units
DEBITED: Final = func.sum(case((_ENTRY.direction == Direction.DEBIT, _AMOUNT), else_=0))
CREDITED: Final = func.sum(case((_ENTRY.direction == Direction.CREDIT, _AMOUNT), else_=0))
CLOSED: Final = func.coalesce(
    select(func.max(LEDGER_CLOSED_DAY.c.day)).scalar_subquery(), literal(date.min, Date)
)


async def list_turnovers(
    connection: AsyncConnection, folio: Folio, *, until: date, limit: int
) -> Sequence[Turnover]:
    # One statement is one look: a day that is being closed is in the one half or in the other.
    both = union_all(_closed(folio, until), _open(folio, until)).subquery()
    found = (
        select(
            both.c.account,
            both.c.currency,
            func.sum(both.c.debits).label("debits"),
            func.sum(both.c.credits).label("credits"),
        )
        .group_by(both.c.account, both.c.currency)
        .order_by(both.c.account, both.c.currency)
        .limit(limit)
    )
    return [
        Turnover(Book(row.account, row.currency), int(row.debits), int(row.credits))
        for row in await connection.execute(found)
    ]


def _closed(folio: Folio, until: date) -> Any:
    earlier = LEDGER_ACCOUNT_DAY.alias("earlier").c
    latest = (
        select(func.max(earlier.day))
        .where(earlier.account == _ACCOUNT.account, earlier.currency == _ACCOUNT.currency)
        .where(earlier.day <= until)
        .correlate(LEDGER_ACCOUNT)
        .scalar_subquery()
    )
    of_the_day = and_(
        _DAY.account == _ACCOUNT.account, _DAY.currency == _ACCOUNT.currency, _DAY.day == latest
    )
    return (
        select(
            _ACCOUNT.account,
            _ACCOUNT.currency,
            _DAY.debits_to_date.label("debits"),
            _DAY.credits_to_date.label("credits"),
        )
        .select_from(LEDGER_ACCOUNT.join(LEDGER_ACCOUNT_DAY, of_the_day))
        .where(*_within(folio, _ACCOUNT))
    )


def _open(folio: Folio, until: date) -> Any:
    return (
        select(
            _ENTRY.account,
            _ENTRY.currency,
            DEBITED.label("debits"),
            CREDITED.label("credits"),
        )
        .where(_ENTRY.booked_on > CLOSED, _ENTRY.booked_on <= until)
        .where(*_within(folio, _ENTRY))
        .group_by(_ENTRY.account, _ENTRY.currency)
    )


def _within(folio: Folio, columns: Any) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if folio.agencies is not None:
        conditions.append(columns.agency_code.in_(sorted(folio.agencies)))
    if folio.book is not None:
        conditions += [
            columns.account == folio.book.account,
            columns.currency == folio.book.currency,
        ]
    return conditions
