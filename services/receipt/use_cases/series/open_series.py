"""Before its turn comes by itself: somebody opens a planned series by hand."""

from chassis.clock import vietnam_date
from services.receipt.domain.series.errors import AnotherSeriesIsOpen, SeriesNotOfThisYear
from services.receipt.domain.series.life import SeriesLife, SeriesState
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.use_cases.series.plan_series import require_registration
from services.receipt.use_cases.series.tools import SeriesTools


async def open_series(series: ReceiptSeries, *, by: str, tools: SeriesTools) -> SeriesLife:
    """One is open for each year and use of an agency. Opened twice, it is shown as it stands."""
    now = tools.clock.now()
    async with tools.open_uow() as uow:
        life = await uow.register.get_for_update(series)
        if life.state is SeriesState.OPEN:
            return life
        if life.year != vietnam_date(now).year:
            raise SeriesNotOfThisYear(series.symbol)
        if tools.must_be_registered:
            await require_registration(series, uow=uow)
        for other in await uow.series.list_of_year([series.agency_code], life.year):
            if other.state is SeriesState.OPEN and other.face_value == life.face_value:
                raise AnotherSeriesIsOpen(other.series.symbol)
        opened = life.open(at=now, by=by)
        await uow.register.save(opened)
    return opened
