"""The end of a series: by hand with a reason, or with its year."""

from datetime import timedelta
from typing import Final

import structlog

from chassis.clock import vietnam_date
from services.receipt.domain.series.errors import SeriesNotWhole
from services.receipt.domain.series.life import PLATFORM, Closing, SeriesLife, SeriesState
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.use_cases.series.tools import SeriesTools

# A machine whose clock is behind may number in the old year for as long; a transaction lasts less.
GRACE: Final = timedelta(minutes=15)
BATCH_MAX: Final = 1000
log = structlog.get_logger()


async def close_series(
    series: ReceiptSeries, *, by: str, reason: str, tools: SeriesTools
) -> SeriesLife:
    """Nothing is drawn from it any more, and none follows it by itself. Closed twice, the first
    word stands. Raises SeriesNotWhole."""
    return await _close(series, Closing.BY_HAND, by=by, reason=reason, tools=tools)


async def close_past_series(*, tools: SeriesTools) -> int:
    """Close what the last year left open; says how many cannot be closed, for they are not whole.

    Each number has its receipt and each receipt its signature, or the series waits and is named.
    """
    year = vietnam_date(tools.clock.now() - GRACE).year
    async with tools.open_uow() as uow:
        past = await uow.register.list_past(before_year=year, limit=BATCH_MAX)
    refused = 0
    for series in past:
        try:
            await _close(series, Closing.YEAR_END, by=PLATFORM, reason=None, tools=tools)
        except SeriesNotWhole as error:
            refused += 1
            log.error(
                "a series of a past year is not whole",
                agency_code=series.agency_code,
                symbol=series.symbol,
                why=str(error),
            )
    return refused


async def _close(
    series: ReceiptSeries, closing: Closing, *, by: str, reason: str | None, tools: SeriesTools
) -> SeriesLife:
    async with tools.open_uow() as uow:
        # Held from here on: whoever is drawing has committed, and nobody draws until we have.
        life = await uow.register.get_for_update(series)
        if life.state is SeriesState.CLOSED:
            return life
        tally = await uow.register.tally(series)
        closed = life.close(closing, tally=tally, at=tools.clock.now(), by=by, reason=reason)
        await uow.register.save(closed)
    return closed
