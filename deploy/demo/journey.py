"""A journey: named steps in order, each of which checks what it did; the first failure ends it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

import httpx

SECONDS_MAX: Final = 30.0
PAUSE_SECONDS: Final = 0.05

T = TypeVar("T")
Context = TypeVar("Context")


class StepFailed(Exception):
    """What was expected and what was found instead."""


@dataclass(slots=True)
class Report:
    """What one step found true, in sentences."""

    title: str
    checks: list[str] = field(default_factory=list)
    milliseconds: float = 0.0

    def found(self, sentence: str) -> None:
        self.checks.append(sentence)

    def check(self, condition: bool, sentence: str, *, found: object = "") -> None:
        """Note the sentence when it holds; end the journey when it does not."""
        if not condition:
            raise StepFailed(f"It does not hold that {sentence}. Found: {found!s:.2000}")
        self.found(sentence)


# Without slots: Python 3.11 cannot build a slotted frozen Step[Demo](…).
@dataclass(frozen=True)
class Step(Generic[Context]):
    title: str
    run: Callable[[Context, Report], Awaitable[None]]


class Teller(Protocol):
    """Who shows the journey while it happens."""

    def begin(self, number: int, title: str) -> None: ...

    def finish(self, number: int, report: Report) -> None: ...

    def fail(self, number: int, report: Report, reason: str) -> None: ...


async def travel(
    steps: Sequence[Step[Context]], context: Context, teller: Teller
) -> tuple[list[Report], str | None]:
    """Take the steps; say what each found, and why the last one failed if it did."""
    reports = []
    for number, step in enumerate(steps, start=1):
        report = Report(step.title)
        reports.append(report)
        teller.begin(number, step.title)
        started = time.perf_counter()
        reason = None
        try:
            await step.run(context, report)
        except (StepFailed, httpx.HTTPError) as error:
            reason = f"{type(error).__name__}: {error}"
        report.milliseconds = round((time.perf_counter() - started) * 1000, 1)
        if reason is not None:
            teller.fail(number, report, reason)
            return reports, reason
        teller.finish(number, report)
    return reports, None


async def eventually(
    look: Callable[[], Awaitable[T | None]], *, what: str, seconds: float = SECONDS_MAX
) -> T:
    """Look again until there is something; events take their time, though not for ever."""
    deadline = time.monotonic() + seconds
    while True:
        seen = await look()
        if seen is not None:
            return seen
        if time.monotonic() > deadline:
            raise StepFailed(f"{what} did not happen within {seconds:.0f} seconds")
        await asyncio.sleep(PAUSE_SECONDS)


def expect_json(reply: httpx.Response, status: int) -> Any:
    if reply.status_code != status:
        raise StepFailed(
            f"{reply.request.method} {reply.request.url.path} answered {reply.status_code},"
            f" not {status}: {reply.text[:2000]}"
        )
    return reply.json()


def write_journey(
    path: Path, reports: Sequence[Report], *, failure: str | None, facts: dict[str, Any]
) -> None:
    document = {
        "passed": failure is None,
        "failure": failure,
        "milliseconds": round(sum(report.milliseconds for report in reports), 1),
        "steps": [
            {"title": one.title, "milliseconds": one.milliseconds, "checks": one.checks}
            for one in reports
        ],
        "facts": facts,
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
