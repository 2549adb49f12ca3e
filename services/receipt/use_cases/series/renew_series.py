"""Yearly renewal: towards its end, next year's series is planned like this year's."""

from datetime import date
from typing import Final

from chassis.clock import vietnam_date
from services.receipt.domain.series.life import PLATFORM, SeriesLife
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.use_cases.series.tools import SeriesTools

# Early enough for an accountant to choose other letters, or none.
RENEWED_FROM_MONTH: Final = 12
BATCH_MAX: Final = 1000


async def renew_series(*, tools: SeriesTools) -> int:
    """Plan for each open series the next year's, unless there is one for the same use, closed ones
    included; says how many. It opens with the first receipt of its year."""
    now = tools.clock.now()
    today = vietnam_date(now)
    if today.month < RENEWED_FROM_MONTH:
        return 0
    year = today.year + 1
    async with tools.open_uow() as uow:
        rule = await uow.rules.find(on=date(year, 1, 1))
        if rule is None:
            return 0
        added = 0
        for life in await uow.register.list_unrenewed(today.year, limit=BATCH_MAX):
            series = ReceiptSeries(
                agency_code=life.series.agency_code,
                form_code=life.series.form_code,
                symbol=rule.symbol(life.letters, year),
            )
            planned = SeriesLife.plan(
                series,
                letters=life.letters,
                year=year,
                face_value=life.face_value,
                at=now,
                by=PLATFORM,
            )
            added += await uow.register.add_once(planned)
    return added
