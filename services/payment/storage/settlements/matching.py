"""Rows find what they are about: whole sets in one statement, the same on both databases."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.payment.domain.settlements.row import Movement, SettlementRow, TheirStatus
from services.payment.ports.settlements import Span
from services.payment.storage.settlements.tables import SETTLEMENT_ROW
from services.payment.storage.settlements.ways import (
    BY_NAME,
    BY_REFERENCE,
    NAMED_REFUND,
    REFUND_NAMED_BY,
    Way,
)

_FILE: Final = bindparam("file_id", type_=Uuid())
_IN_SPAN: Final = "r.file_id = :file_id AND r.line BETWEEN :first AND :last AND r.state = 'new'"
_LEFT_OVER: Final = "r.provider = :provider AND r.state = 'unmatched'"

_WEIGH: Final = [
    text(f"ANALYZE {table}")
    for table in (
        "settlement_row",
        "settlement_difference",
        "payment_intent",
        "discrepancy",
        "refund",
    )
]
_TAKE_TURN: Final = text(
    "INSERT INTO settlement_desk (provider, runs) VALUES (:provider, 1)"
    " ON CONFLICT (provider) DO UPDATE SET runs = settlement_desk.runs + 1"
)
# In one file, the same reference twice is a repeat whatever it says; in another file, only when
# it says the same: otherwise it corrects what was said before.
_REPEATS: Final = text(
    """
    UPDATE settlement_row SET state = 'duplicate'
    WHERE file_id = :file_id AND line BETWEEN :first AND :last AND state = 'new' AND EXISTS (
        SELECT 1 FROM settlement_row e
        WHERE e.provider = settlement_row.provider
        AND e.movement = settlement_row.movement
        AND e.provider_reference = settlement_row.provider_reference
        AND e.state IN ('new', 'matched', 'unmatched')
        AND (
            (e.file_id = settlement_row.file_id AND e.line < settlement_row.line)
            OR (
                e.file_id <> settlement_row.file_id
                AND e.state <> 'new'
                AND e.amount_minor_units = settlement_row.amount_minor_units
                AND e.currency = settlement_row.currency
                AND e.status = settlement_row.status
                AND COALESCE(e.fee_minor_units, -1) = COALESCE(settlement_row.fee_minor_units, -1)
            )
        )
    )
    """
).bindparams(_FILE)
_CORRECTED: Final = text(
    """
    UPDATE settlement_row
    SET state = 'superseded', matched_kind = NULL, matched_id = NULL, matched_by = NULL
    WHERE file_id <> :file_id AND state IN ('matched', 'unmatched') AND EXISTS (
        SELECT 1 FROM settlement_row r
        WHERE r.file_id = :file_id AND r.line BETWEEN :first AND :last AND r.state = 'new'
        AND r.provider = settlement_row.provider
        AND r.movement = settlement_row.movement
        AND r.provider_reference = settlement_row.provider_reference
    )
    """
).bindparams(_FILE)
_NO_MATCH: Final = text(
    "UPDATE settlement_row SET state = 'unmatched'"
    " WHERE file_id = :file_id AND line BETWEEN :first AND :last AND state = 'new'"
).bindparams(_FILE)
# A row that only named a bill gives its payment up to the row that names its reference.
_GIVE_UP: Final = """
    UPDATE settlement_row
    SET state = 'unmatched', matched_kind = NULL, matched_id = NULL, matched_by = NULL
    WHERE state = 'matched' AND matched_by <> 'reference' AND status = 'succeeded'
    AND provider = :provider AND matched_kind = :kind AND matched_id IN (
        SELECT o.id FROM settlement_row r {join}
        WHERE {scope} AND r.movement = :movement AND {condition}
    )
"""
# Of several candidates the first one: a row takes one thing, and money is taken by one row.
_MATCH: Final = """
    UPDATE settlement_row
    SET state = 'matched', matched_kind = :kind, matched_id = m.ours_id, matched_by = :by
    FROM (
        SELECT r.file_id, r.line, o.id AS ours_id,
            row_number() OVER (PARTITION BY r.file_id, r.line ORDER BY o.id) AS choice,
            row_number() OVER (PARTITION BY o.id, r.status ORDER BY r.file_id, r.line) AS turn
        FROM settlement_row r {join}
        WHERE {scope} AND r.movement = :movement AND {condition} AND (
            r.status <> 'succeeded' OR NOT EXISTS (
                SELECT 1 FROM settlement_row t
                WHERE t.matched_kind = :kind AND t.matched_id = o.id
                AND t.state = 'matched' AND t.status = 'succeeded'
            )
        )
    ) m
    WHERE settlement_row.file_id = m.file_id AND settlement_row.line = m.line
    AND m.choice = 1 AND (m.turn = 1 OR settlement_row.status <> 'succeeded')
"""
_WAITS: Final = (
    "o.status = 'confirmed'"
    " AND o.amount_minor_units = r.amount_minor_units AND o.currency = r.currency"
)
_SETTLING: Final = (
    text(
        f"""
        SELECT r.* FROM settlement_row r
        WHERE r.file_id = :file_id AND r.line > :after AND r.state IN ('new', 'unmatched')
        AND r.movement = 'payment' AND r.status = 'succeeded' AND (
            EXISTS (
                SELECT 1 FROM payment_intent o
                WHERE o.bill_reference = r.bill_reference AND {_WAITS}
            )
            OR EXISTS (
                SELECT 1 FROM payment_attempt a JOIN payment_intent o ON o.id = a.payment_intent_id
                WHERE a.provider = r.provider AND a.order_reference = r.order_reference AND {_WAITS}
            )
        )
        ORDER BY r.line LIMIT :limit
        """
    )
    .bindparams(_FILE)
    .columns(*SETTLEMENT_ROW.c)
)


def _statements(way: Way, scope: str, dialect: str) -> tuple[TextClause, ...]:
    join = way.join.replace(NAMED_REFUND, REFUND_NAMED_BY[dialect])
    words = {"join": join, "condition": way.condition, "scope": scope}
    match = text(_MATCH.format(**words))
    give_up = text(_GIVE_UP.format(**words))
    both = (give_up, match) if way.by == "reference" else (match,)
    return tuple(one.bindparams(_FILE) if scope is _IN_SPAN else one for one in both)


Plan = Sequence[tuple[Way, tuple[TextClause, ...]]]


def _plans(ways: Sequence[Way], scope: str) -> Mapping[str, Plan]:
    return {
        dialect: [(way, _statements(way, scope, dialect)) for way in ways]
        for dialect in REFUND_NAMED_BY
    }


_SPAN_BY_REFERENCE: Final = _plans(BY_REFERENCE, _IN_SPAN)
_SPAN_BY_NAME: Final = _plans(BY_NAME, _IN_SPAN)
_AGAIN: Final = _plans((*BY_REFERENCE, *BY_NAME), _LEFT_OVER)


class SqlSettlementMatching:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take_turn(self, provider: str) -> None:
        await self._connection.execute(_TAKE_TURN, {"provider": provider})

    async def weigh(self) -> None:
        if self._connection.dialect.name == "postgresql":
            for statement in _WEIGH:
                await self._connection.execute(statement)

    async def mark_repeats(self, span: Span) -> None:
        for statement in (_REPEATS, _CORRECTED):
            await self._connection.execute(statement, _values(span))

    async def match_by_reference(self, span: Span, provider: str) -> None:
        await self._match(_SPAN_BY_REFERENCE, {"provider": provider, **_values(span)})

    async def match_by_names(self, span: Span, provider: str) -> None:
        await self._match(_SPAN_BY_NAME, {"provider": provider, **_values(span)})
        await self._connection.execute(_NO_MATCH, _values(span))

    async def match_again(self, provider: str) -> None:
        await self._match(_AGAIN, {"provider": provider})

    async def _match(self, plans: Mapping[str, Plan], values: dict[str, Any]) -> None:
        for way, statements in plans[self._connection.dialect.name]:
            told = {**values, "kind": way.kind, "by": way.by, "movement": way.movement}
            for statement in statements:
                asked = statement.compile().params.keys()
                await self._connection.execute(statement, {name: told[name] for name in asked})

    async def list_settling(
        self, file_id: UUID, *, after: int, limit: int
    ) -> Sequence[SettlementRow]:
        values = {"file_id": file_id, "after": after, "limit": limit}
        return [to_settlement_row(row) for row in await self._connection.execute(_SETTLING, values)]


def _values(span: Span) -> dict[str, Any]:
    return {"file_id": span.file_id, "first": span.first, "last": span.last}


def to_settlement_row(row: Any) -> SettlementRow:
    return SettlementRow(
        line=row.line,
        movement=Movement(row.movement),
        provider_reference=row.provider_reference,
        order_reference=row.order_reference,
        bill_reference=row.bill_reference,
        amount=Money(row.amount_minor_units, row.currency),
        fee=row.fee_minor_units,
        status=TheirStatus(row.status),
        moved_at=row.moved_at,
        raw=row.raw,
    )
