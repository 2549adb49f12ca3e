"""The payment service under load, and whether its history makes it slower."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import aiohttp

from chassis.clock import SystemClock, vietnam_date
from chassis.db import Database
from chassis.ids import SystemIds
from deploy.bench import notices, settlement
from deploy.bench.notices import NOTICES, NoticeRound
from deploy.bench.settlement import LINES, SettlementFigures
from deploy.bench.stored import A_DAY, Stored, open_stored
from deploy.stack import Stack
from services.payment.storage.unit_of_work import SqlUnitOfWork
from services.payment.use_cases.ledger.close_ledger_days import close_ledger_days

FEW: Final = 10_000
MANY: Final = 1_000_000
ROUNDS: Final = 3
FLOOR_AIM: Final = 5.0
GROWTH_AIM: Final = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """All figures with so many payments stored before."""

    stored: int
    filled_seconds: float
    rounds: Sequence[NoticeRound]
    settlement: SettlementFigures

    def median(self, of: Callable[[NoticeRound], float]) -> float:
        return statistics.median(map(of, self.rounds))


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFigures:
    few: Stage
    many: Stage


async def measure(
    stack: Stack,
    pids: Mapping[str, int],
    http: aiohttp.ClientSession,
    say: Callable[[str], None],
) -> MoneyFigures:
    today = vietnam_date(SystemClock().now())
    history = (MANY - FEW) // A_DAY
    # In the order of the days, since the books of each day are closed behind it.
    last = today - timedelta(days=3)
    begins = last - timedelta(days=history + 3)
    async with open_stored(stack) as stored:
        few = await _stage(
            stack, pids, http, stored, (begins, FEW, begins + timedelta(days=2)), say
        )
        many = await _stage(
            stack,
            pids,
            http,
            stored,
            (begins + timedelta(days=3), MANY - stored.payments, last),
            say,
        )
    return MoneyFigures(few=few, many=many)


async def _stage(
    stack: Stack,
    pids: Mapping[str, int],
    http: aiohttp.ClientSession,
    stored: Stored,
    fill: tuple[date, int, date],
    say: Callable[[str], None],
) -> Stage:
    since, count, day = fill
    say(f"storing {count:,} paid fees")
    began = time.monotonic()
    await stored.add_paid(count, since=since)
    await _close_books(stack)
    filled, before = time.monotonic() - began, stored.payments
    # The first ones after a fill find nothing in the caches.
    await notices.measure(stack, pids, http, stored)
    rounds = []
    for number in range(1, ROUNDS + 1):
        one = await notices.measure(stack, pids, http, stored)
        say(
            f"round {number} of {ROUNDS}, {before:,} payments stored: {one.settled_ms:.1f} ms CPU"
            f" a notice, the floor {one.floor_ms:.2f}"
        )
        rounds.append(one)
    say(f"a settlement file of {LINES:,} lines")
    await stored.add_paid(LINES, since=day, a_day=LINES)
    await _close_books(stack)
    figures = await settlement.measure(stack, stored, day)
    say(f"loaded in {figures.load_seconds:.1f} s, reconciled in {figures.reconcile_seconds:.1f} s")
    return Stage(stored=before, filled_seconds=filled, rounds=rounds, settlement=figures)


async def _close_books(stack: Stack) -> None:
    """As the worker does at its next look: it shall not be measured at it."""
    database, clock = Database.open(stack.database_url("payment"), pool_size=1), SystemClock()
    try:
        uow = SqlUnitOfWork(database, clock=clock, ids=SystemIds(clock))
        await close_ledger_days(uow=uow, clock=clock)
    finally:
        await database.close()


def table(figures: MoneyFigures) -> str:
    few, many = figures.few, figures.many
    lines = [
        "",
        f"{NOTICES} notices a round, {notices.IN_FLIGHT} in flight; medians of {ROUNDS} rounds",
        f"{'payments stored before':34}{few.stored:>12,}{many.stored:>12,}{'times':>8}",
    ]
    figures_of_rounds: list[tuple[str, Callable[[NoticeRound], float]]] = [
        ("notices settled a second", lambda one: one.per_second),
        ("… with all that follows", lambda one: one.per_second_with_all),
        ("p50, ms", lambda one: one.p50_ms),
        ("p99, ms", lambda one: one.p99_ms),
        ("CPU ms until settled", lambda one: one.settled_ms),
        ("CPU ms of all that follows", lambda one: one.followed_ms),
        ("bare floor: rows a second", lambda one: one.floor_per_second),
        ("bare floor: CPU ms", lambda one: one.floor_ms),
        (f"times the floor (aim {FLOOR_AIM:.0f})", lambda one: one.ratio),
    ]
    lines += [_line(name, few.median(of), many.median(of)) for name, of in figures_of_rounds]
    figures_of_files: list[tuple[str, Callable[[SettlementFigures], float]]] = [
        (f"load {LINES:,} lines, s", lambda one: one.load_seconds),
        ("reconcile them, s", lambda one: one.reconcile_seconds),
        ("peak RSS, MB", lambda one: one.peak_megabytes),
    ]
    lines += [_line(name, of(few.settlement), of(many.settlement)) for name, of in figures_of_files]
    lines += ["", f"{'CPU ms a notice, by process':34}{'settled':>12}{'follows':>12}"]
    lines += [
        f"{name:34}{_median(many, 'settled_cpu_ms', name):12.2f}"
        f"{_median(many, 'followed_cpu_ms', name):12.2f}"
        for name in many.rounds[0].settled_cpu_ms
    ]
    return "\n".join(lines)


def _median(stage: Stage, part: str, process: str) -> float:
    costs: list[float] = [getattr(one, part)[process] for one in stage.rounds]
    return statistics.median(costs)


def _line(name: str, few: float, many: float) -> str:
    return f"{name:34}{few:12.2f}{many:12.2f}{many / few:8.2f}"
