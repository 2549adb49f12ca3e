"""`make bench`: a stack of its own, whole journeys through it, and the bare floor beside it.

Figures, not tests: medians over the rounds, from one run on one machine. On a shared machine
compare the lines of one run with one another, and not with another day's.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import aiohttp
import typer

from deploy import local_services, servers
from deploy.bench import doors, floor, money, receipts, steady
from deploy.bench.journeys import Journey, World, open_world, run_many
from deploy.bench.processes import Reading, read_cpu, resident_megabytes
from deploy.bench.stored import open_stored
from deploy.processes import recall
from deploy.stack import Stack

BASE_PORT: Final = 8700
PREFIX: Final = "lephi_bench"
IN_FLIGHT: Final = 24
PAYERS: Final = 256
WARM_UP: Final = 48
ALONE: Final = 40
PDFS: Final = 20
# A code in three seconds instead of thirty, and passwords that are cheap to check: the payers of a
# benchmark are few and confirm often. Neither changes the path that is measured.
# PDFs are counted apart: made when asked for, not meanwhile.
SETTINGS: Final = {
    "RECEIPT_PDFS_AHEAD": "false",
    "GATEWAY_TOTP_PERIOD_SECONDS": "3",
    "GATEWAY_ARGON2_TIME_COST": "1",
    "GATEWAY_ARGON2_MEMORY_KIBIBYTES": "1024",
}


@dataclass(slots=True)
class Round:
    """One burst of journeys: how fast, and what each process burned for one of them."""

    journeys_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: Mapping[str, float]
    steal_ms: float

    @property
    def cpu_sum_ms(self) -> float:
        return sum(cost for name, cost in self.cpu_ms.items() if name != "client")


@dataclass(slots=True)
class Figures:
    alone_p50_ms: float = 0.0
    alone_p99_ms: float = 0.0
    pdf_cpu_ms: float = 0.0
    rounds: list[Round] = field(default_factory=list)
    floor_rounds: list[Round] = field(default_factory=list)
    resident_megabytes: dict[str, float] = field(default_factory=dict)
    door: doors.DoorFigures | None = None
    under_load: money.MoneyFigures | None = None
    numbering: receipts.ReceiptFigures | None = None
    at_thirty: steady.SteadyFigures | None = None


class Part(StrEnum):
    ALL = "all"
    JOURNEYS = "journeys"
    MONEY = "money"
    RECEIPTS = "receipts"


JOURNEYING: Final = frozenset({Part.ALL, Part.JOURNEYS})


def main(
    *,
    part: Part = Part.ALL,
    journeys: int = 300,
    rounds: int = 3,
    var_dir: Path = Path("var/bench"),
) -> None:
    """Run all, or one part; print the tables and leave out/bench/figures.json."""
    found = servers.ensure(var_dir.resolve(), say=typer.echo)
    stack = local_services.up(
        base_port=BASE_PORT,
        prefix=PREFIX,
        var_dir=var_dir,
        found=found,
        extra=SETTINGS,
        say=typer.echo,
    )
    try:
        figures = asyncio.run(measure(stack, part, journeys=journeys, rounds=rounds))
    finally:
        local_services.down(var_dir)
        local_services.remove(stack)
    out = Path("out/bench/figures.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(asdict(figures), indent=2))
    typer.echo(table(figures))
    typer.echo(f"figures: {out}")


async def measure(stack: Stack, part: Part, *, journeys: int, rounds: int) -> Figures:
    started, _facts = recall(stack.var_dir / "run" / "platform.json")
    pids = {process.name: process.pid for process in started} | {"client": os.getpid()}
    figures = Figures()
    async with aiohttp.ClientSession() as http:
        payers = PAYERS if part in JOURNEYING else WARM_UP
        typer.echo(f"enrolling {payers} payers")
        world = await open_world(stack, http, payers=payers)
        typer.echo(f"warming up: {WARM_UP} journeys")
        await run_many(world, WARM_UP, in_flight=IN_FLIGHT)
        if part in JOURNEYING:
            await _measure_journeys(figures, world, stack, pids, (journeys, rounds))
            typer.echo("the door beside the bare call")
            figures.door = await doors.measure(stack, pids, http)
        await world.receipts.close()
        if part in {Part.ALL, Part.RECEIPTS}:
            figures.numbering = await receipts.measure(stack, typer.echo)
            typer.echo(f"{steady.PER_SECOND} payments a second for {steady.SECONDS} s")
            async with open_stored(stack) as stored:
                figures.at_thirty = await steady.measure(stack, http, stored)
        if part in {Part.ALL, Part.MONEY}:
            figures.under_load = await money.measure(stack, pids, http, typer.echo)
    figures.resident_megabytes = {
        name: round(resident_megabytes(pid), 1) for name, pid in pids.items()
    }
    return figures


async def _measure_journeys(
    figures: Figures, world: World, stack: Stack, pids: Mapping[str, int], size: tuple[int, int]
) -> None:
    journeys, rounds = size
    typer.echo(f"one at a time: {ALONE} journeys")
    alone = await run_many(world, ALONE, in_flight=1)
    figures.alone_p50_ms, figures.alone_p99_ms = _quantiles(alone)
    for number in range(1, rounds + 1):
        typer.echo(f"round {number} of {rounds}: {journeys} journeys, {IN_FLIGHT} at a time")
        figures.rounds.append(await _round(world, pids, journeys))
        figures.floor_rounds.append(await _floor_round(stack, journeys))
    figures.pdf_cpu_ms = await _pdfs(world, pids, alone)


async def _round(world: World, pids: Mapping[str, int], journeys: int) -> Round:
    with _spending(pids) as spent:
        done = await run_many(world, journeys, in_flight=IN_FLIGHT)
    return _as_round(spent, journeys, _quantiles(done))


async def _floor_round(stack: Stack, journeys: int) -> Round:
    url = stack.postgres_url.replace("postgresql+asyncpg://", "postgresql://")
    async with floor.running(url, stack.rabbitmq_url) as bare:
        await floor.run_many(bare, WARM_UP)
        with _spending({"floor": os.getpid()}) as spent:
            latencies = await floor.run_many(bare, journeys)
    ordered = sorted(seconds * 1000 for seconds in latencies)
    return _as_round(spent, journeys, (statistics.median(ordered), _p99(ordered)))


async def _pdfs(world: World, pids: Mapping[str, int], journeys: Sequence[Journey]) -> float:
    """CPU of the receipt service for one signed PDF, made at its first reading."""
    some = [journey.intent_id for journey in journeys[:PDFS]]
    ids = []
    for intent_id in some:
        _status, raw = await world.portal.get(f"/v1/receipts?payment_intent_id={intent_id}")
        ids += [item["id"] for item in json.loads(raw)["items"]]
    with _spending({"receipt": pids["receipt"]}) as spent:
        for receipt_id in ids:
            status, _raw = await world.portal.get(f"/v1/receipts/{receipt_id}/pdf")
            if status != 200:
                raise RuntimeError(f"no PDF of receipt {receipt_id}: {status}")
    reading, _seconds = spent
    return float(reading.cpu_seconds["receipt"]) / len(ids) * 1000


@contextmanager
def _spending(pids: Mapping[str, int]) -> Iterator[list[Any]]:
    """Afterwards the list holds what was spent inside and for how many seconds it ran."""
    spent: list[Any] = []
    before, began = read_cpu(pids), time.monotonic()
    yield spent
    spent += [read_cpu(pids).since(before), time.monotonic() - began]


def _as_round(spent: Sequence[Any], journeys: int, quantiles: tuple[float, float]) -> Round:
    reading, seconds = spent
    assert isinstance(reading, Reading)
    return Round(
        journeys_per_second=journeys / seconds,
        p50_ms=quantiles[0],
        p99_ms=quantiles[1],
        cpu_ms={name: cost / journeys * 1000 for name, cost in reading.cpu_seconds.items()},
        steal_ms=reading.steal_seconds / journeys * 1000,
    )


def _quantiles(journeys: Sequence[Journey]) -> tuple[float, float]:
    ordered = sorted(journey.notice_to_receipt_ms for journey in journeys)
    return statistics.median(ordered), _p99(ordered)


def _p99(ordered: Sequence[float]) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def table(figures: Figures) -> str:
    parts = [_journeys_table(figures)] if figures.rounds else []
    if figures.door is not None:
        parts.append(doors.table(figures.door))
    if figures.numbering is not None:
        parts.append(receipts.table(figures.numbering))
    if figures.at_thirty is not None:
        parts.append(steady.table(figures.at_thirty))
    if figures.under_load is not None:
        parts.append(money.table(figures.under_load))
    return "\n".join(parts)


def _journeys_table(figures: Figures) -> str:
    rounds, bare = figures.rounds, figures.floor_rounds
    lines = [
        "",
        f"medians of {len(rounds)} rounds, {IN_FLIGHT} journeys in flight, all on this machine",
        "",
        f"{'':28}{'platform':>12}{'bare floor':>12}",
        _line("journeys a second", rounds, bare, lambda one: one.journeys_per_second),
        _line("notice → receipt p50, ms", rounds, bare, lambda one: one.p50_ms),
        _line("notice → receipt p99, ms", rounds, bare, lambda one: one.p99_ms),
        _line("CPU ms a journey, no PDF", rounds, bare, lambda one: one.cpu_sum_ms),
        _line("stolen by the host, ms", rounds, bare, lambda one: one.steal_ms),
        "",
        (
            f"notice → receipt, one at a time: p50 {figures.alone_p50_ms:.0f} ms,"
            f" p99 {figures.alone_p99_ms:.0f} ms"
        ),
        f"one signed PDF: {figures.pdf_cpu_ms:.0f} ms CPU, off the path",
        "",
        f"{'process':28}{'CPU ms':>12}{'RSS MB':>12}",
    ]
    for name in rounds[0].cpu_ms:
        cost = statistics.median(one.cpu_ms[name] for one in rounds)
        resident = figures.resident_megabytes.get(name)
        lines.append(f"{name:28}{cost:12.2f}{'' if resident is None else f'{resident:12.0f}'}")
    return "\n".join(lines)


def _line(
    name: str, rounds: Sequence[Round], bare: Sequence[Round], of: Callable[[Round], float]
) -> str:
    ours, floors = statistics.median(map(of, rounds)), statistics.median(map(of, bare))
    return f"{name:28}{ours:12.1f}{floors:12.1f}"
