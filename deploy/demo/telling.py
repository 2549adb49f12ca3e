"""Showing the journey: moving on a terminal, plain lines anywhere else."""

import typer
from rich.console import Console
from rich.status import Status

from deploy.demo.journey import Report, Teller


class PlainTeller:
    """One line for each thing, in order; nothing moves and nothing is coloured."""

    def __init__(self, steps: int) -> None:
        self._steps = steps

    def begin(self, number: int, title: str) -> None:
        typer.echo(f"[{number}/{self._steps}] {title}")

    def finish(self, number: int, report: Report) -> None:
        self._checks(report)
        typer.echo(f"      {report.milliseconds:,.0f} ms")

    def fail(self, number: int, report: Report, reason: str) -> None:
        self._checks(report)
        typer.echo(f"      FAILED after {report.milliseconds:,.0f} ms: {reason}")

    def _checks(self, report: Report) -> None:
        for sentence in report.checks:
            typer.echo(f"      + {sentence}")


class RichTeller:
    def __init__(self, console: Console, steps: int) -> None:
        self._console = console
        self._steps = steps
        self._status: Status | None = None

    def begin(self, number: int, title: str) -> None:
        self._status = self._console.status(f"{self._numbered(number)} {title} …")
        self._status.start()

    def finish(self, number: int, report: Report) -> None:
        self._stop()
        self._console.print(
            f"[bold green]{self._numbered(number)}[/] [bold]{report.title}[/]"
            f"  [dim]{report.milliseconds:,.0f} ms[/]"
        )
        self._checks(report)

    def fail(self, number: int, report: Report, reason: str) -> None:
        self._stop()
        self._console.print(f"[bold red]{self._numbered(number)} {report.title}: failed[/]")
        self._checks(report)
        self._console.print(reason, style="red", markup=False, highlight=False)

    def _numbered(self, number: int) -> str:
        return f"{number}/{self._steps}"

    def _checks(self, report: Report) -> None:
        for sentence in report.checks:
            self._console.print(f"    ✓ {sentence}", markup=False, highlight=False)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def teller_for(steps: int) -> Teller:
    console = Console()
    return RichTeller(console, steps) if console.is_terminal else PlainTeller(steps)
