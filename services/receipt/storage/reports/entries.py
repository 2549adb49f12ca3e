"""Receipts as reports read them: by number, by agency and day."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Function, Select, and_, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.receipts.receipt import SIGNS, Form, Receipt, Status
from services.receipt.domain.receipts.standing import Corrected
from services.receipt.domain.reports.period import Days
from services.receipt.domain.reports.usage import SeriesUsage
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.reports import BookRow, ReceiptFilter
from services.receipt.storage.receipts.receipts import WHOLE
from services.receipt.storage.receipts.rows import to_receipt
from services.receipt.storage.receipts.tables import RECEIPT, RECEIPT_DOCUMENT
from services.receipt.storage.series.tables import RECEIPT_SERIES

_R: Final = RECEIPT.c
# As Receipt.counted_amount has it.
_COUNTED: Final = case(
    (_R.corrected.in_([Corrected.REPLACED.value, Corrected.CANCELLED.value]), 0),
    *(
        (_R.type == type_.value, sign * _R.amount_minor_units)
        for type_, sign in SIGNS.items()
        if sign != 1
    ),
    else_=_R.amount_minor_units,
)
WITH_ORIGINAL: Final = WHOLE.add_columns(RECEIPT_DOCUMENT.c.body.label("original")).outerjoin(
    RECEIPT_DOCUMENT,
    and_(RECEIPT_DOCUMENT.c.receipt_id == _R.id, RECEIPT_DOCUMENT.c.form == Form.XML.value),
)


class SqlEntries:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def last_number(self, series: ReceiptSeries) -> int:
        of = RECEIPT_SERIES.c
        query = select(of.last_number).where(
            of.agency_code == series.agency_code,
            of.form_code == series.form_code,
            of.symbol == series.symbol,
        )
        return int((await self._connection.execute(query)).scalar() or 0)

    async def list_numbers(
        self, series: ReceiptSeries, *, after: int, upto: int, limit: int
    ) -> Sequence[BookRow]:
        query = (
            WITH_ORIGINAL.where(
                _R.agency_code == series.agency_code,
                _R.form_code == series.form_code,
                _R.symbol == series.symbol,
                _R.number > after,
                _R.number <= upto,
            )
            .order_by(_R.number)
            .limit(limit)
        )
        return [
            BookRow(
                receipt=to_receipt(row),
                row_amount=row["amount_minor_units"],
                original=row["original"],
            )
            for row in (await self._connection.execute(query)).mappings()
        ]

    async def list_page(
        self, wanted: ReceiptFilter, *, before: UUID | None, limit: int
    ) -> Sequence[Receipt]:
        # Along the index by agency and time, so that a page costs the same wherever it is.
        query = _of(WHOLE, wanted).order_by(_R.numbered_at.desc(), _R.id.desc()).limit(limit)
        if before is not None:
            last = RECEIPT.alias("last")
            seen = select(last.c.numbered_at, last.c.id).where(last.c.id == before)
            query = query.where(tuple_(_R.numbered_at, _R.id) < seen.scalar_subquery())
        return [to_receipt(row) for row in (await self._connection.execute(query)).mappings()]

    async def list_ids(self, wanted: ReceiptFilter, *, limit: int) -> Sequence[UUID]:
        query = _of(select(_R.id), wanted).where(_R.status == Status.ISSUED.value)
        ordered = query.order_by(_R.form_code, _R.symbol, _R.number).limit(limit)
        return list((await self._connection.execute(ordered)).scalars())

    async def list_agencies(self, days: Days) -> Collection[str]:
        everywhere = ReceiptFilter(agencies=None, days=days)
        query = _of(select(_R.agency_code).distinct(), everywhere)
        return list((await self._connection.execute(query)).scalars())

    async def list_usage(self, agency_code: str, days: Days) -> Sequence[SeriesUsage]:
        wanted = ReceiptFilter(agencies=frozenset({agency_code}), days=days)
        query = select(
            _R.form_code,
            _R.symbol,
            func.min(_R.number).label("first"),
            func.max(_R.number).label("last"),
            func.count().label("documents"),
            func.sum(_COUNTED).label("amount"),
            _count(Corrected.CANCELLED).label("cancelled"),
            _count(Corrected.REPLACED).label("replaced"),
        )
        grouped = _of(query, wanted).group_by(_R.form_code, _R.symbol)
        rows = await self._connection.execute(grouped.order_by(_R.form_code, _R.symbol))
        return [
            SeriesUsage(
                series=ReceiptSeries(
                    agency_code=agency_code, form_code=row.form_code, symbol=row.symbol
                ),
                first=row.first,
                last=row.last,
                count=row.documents,
                amount=int(row.amount),
                cancelled=row.cancelled,
                replaced=row.replaced,
            )
            for row in rows
        ]


def _count(corrected: Corrected) -> Function[int]:
    return func.count(case((_R.corrected == corrected.value, 1)))


def _of(query: Select[Any], wanted: ReceiptFilter) -> Select[Any]:
    query = query.where(_R.numbered_at >= wanted.days.begin, _R.numbered_at < wanted.days.end)
    if wanted.agencies is not None:
        query = query.where(_R.agency_code.in_(wanted.agencies))
    if wanted.kind is not None:
        query = query.where(_R.kind == wanted.kind.value)
    if wanted.form_code is not None:
        query = query.where(_R.form_code == wanted.form_code)
    if wanted.symbol is not None:
        query = query.where(_R.symbol == wanted.symbol)
    return query
