"""Numbers drawn for themselves, as the first receipt of a series would draw them."""

from datetime import datetime

from services.receipt.domain.series.choosing import Choice, Step
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.series import DrawnNumbers
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from tests.receipt.samples import NOON, RULE


async def draw(
    uow: SqlUnitOfWork, series: ReceiptSeries, *, count: int = 1, now: datetime = NOON
) -> DrawnNumbers:
    begin = Choice(series=series, step=Step.BEGIN, letters=series.symbol[:2])
    await uow.series.prepare(begin, year=now.year, now=now)
    drawn = await uow.series.draw(series, count=count, numbers_max=RULE.numbers_max, now=now)
    assert drawn is not None
    return drawn
