"""Form 01/TH-BLĐT of an agency's day: a version more whenever it says something else."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from chassis.canonical import canonical_json, sha256_hex
from chassis.clock import Clock, vietnam_date
from services.receipt.domain.reports.period import Days
from services.receipt.domain.reports.summary import NEXT, Summary, SummaryState
from services.receipt.ports.reports import ReceiptFilter
from services.receipt.use_cases.reports.list_entries import OpenReporting, each_entry

BY_SCHEDULE: Final = "schedule"
# What changes later than this of a day supplements it when somebody asks.
LOOKED_BACK_DAYS: Final = 7


async def draw_up_summary(
    agency_code: str, day: date, *, by: str, open_reporting: OpenReporting, clock: Clock
) -> Summary:
    """The new version, or the last one when nothing changed. Of two that draw up at once, both
    get what one of them stored."""
    wanted = ReceiptFilter(agencies=frozenset({agency_code}), days=Days(day, day))
    entries = [one async for one in each_entry(wanted, None, open_reporting=open_reporting)]
    content = canonical_json([one.said() for one in sorted(entries, key=lambda one: one.place)])
    digest, now = sha256_hex(content), clock.now()
    over = day < vietnam_date(now)
    while True:
        async with open_reporting() as reporting:
            last = await reporting.summaries.find(agency_code, day)
            if last is not None and last.sha256 == digest and _stays(last.state, over=over):
                return last
            made = Summary(
                agency_code=agency_code,
                day=day,
                version=last.version + 1 if last else 1,
                state=NEXT[last.state if last else None, over],
                documents=len(entries),
                amount=sum(one.counted_amount for one in entries),
                content=content,
                sha256=digest,
                drawn_up_at=now,
                drawn_up_by=by,
            )
            if await reporting.summaries.add_once(made):
                return made


async def draw_up_summaries(*, open_reporting: OpenReporting, clock: Clock) -> Sequence[Summary]:
    """Of the days just over, for every agency that numbered anything on them."""
    today = vietnam_date(clock.now())
    drawn = []
    for back in range(LOOKED_BACK_DAYS, 0, -1):
        day = today - timedelta(days=back)
        async with open_reporting() as reporting:
            agencies = await reporting.entries.list_agencies(Days(day, day))
        drawn += [
            await draw_up_summary(
                one, day, by=BY_SCHEDULE, open_reporting=open_reporting, clock=clock
            )
            for one in sorted(agencies)
        ]
    return drawn


def _stays(state: SummaryState, *, over: bool) -> bool:
    """What was drawn up while the day ran is drawn up once more when it is over."""
    return not (over and state is SummaryState.OPEN)
