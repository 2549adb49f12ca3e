"""What goes on about series: closing with the year, and planning the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Gauge

from chassis.worker import Schedule
from services.receipt.use_cases.series.close_series import close_past_series
from services.receipt.use_cases.series.renew_series import renew_series
from services.receipt.use_cases.series.tools import SeriesTools

CLOSING_SECONDS: Final = 300.0
RENEWING_SECONDS: Final = 3600.0

NOT_WHOLE: Final = Gauge(
    "receipt_series_not_whole",
    "Series of a past year that cannot be closed: numbers or signatures are missing",
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCalendar:
    tools: SeriesTools

    def schedules(self) -> Sequence[Schedule]:
        return [
            Schedule(name="close_series", every_seconds=CLOSING_SECONDS, run=self.close),
            Schedule(name="renew_series", every_seconds=RENEWING_SECONDS, run=self.renew),
        ]

    async def close(self) -> None:
        NOT_WHOLE.set(await close_past_series(tools=self.tools))

    async def renew(self) -> None:
        planned = await renew_series(tools=self.tools)
        if planned:
            log.info("series are planned for next year", count=planned)
