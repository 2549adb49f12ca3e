"""`lephi settlement`: load providers' files, reconcile a day, hand out tables."""

import asyncio
from collections.abc import Coroutine
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

import typer

from deploy.commands.printing import give_up

if TYPE_CHECKING:
    from services.payment.domain.settlements.file import Period, SettlementFile

Answer = TypeVar("Answer")
app = typer.Typer(
    help="Providers' settlement files, in the database of PAYMENT_DATABASE_URL.",
    no_args_is_help=True,
)
Provider = Annotated[str, typer.Argument(help="As it is registered.")]
Day = Annotated[str, typer.Argument(metavar="DATE", help="In Vietnam: 2026-11-23.")]


@app.callback()
def settlement() -> None:
    """Providers' settlement files, in the database of PAYMENT_DATABASE_URL."""


@app.command()
def load(
    provider: Provider,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    form: Annotated[
        str | None, typer.Option("--format", help="csv, pipe, vnpay or json-lines.")
    ] = None,
    encoding: Annotated[
        str, typer.Option(help="auto, utf-8, windows-1258 or windows-1252.")
    ] = "auto",
    signature: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Detached.")
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="FIRST..LAST; else the days of its rows.")
    ] = None,
    by: Annotated[str, typer.Option("--as", help="Who loads it.")] = "operator",
) -> None:
    """Load a file. What was cut short goes on; the same file again changes nothing."""
    from deploy.settlement_desk import Brought, SettlementDesk
    from services.payment.domain.settlements.file import Encoding, FileFormat
    from services.payment.settings import PaymentSettings

    try:
        brought = Brought(
            provider=provider,
            path=file,
            form=FileFormat(form) if form else None,
            encoding=Encoding(encoding),
            signature=signature.read_bytes() if signature else None,
            period=_period(period),
            by=by,
        )
    except ValueError as error:
        give_up(str(error), code=2)

    async def run() -> None:
        async with SettlementDesk.open(PaymentSettings()) as desk:
            loaded = await desk.load(brought, _show_progress)
        what = "was loaded before" if loaded.is_repeat else "loaded"
        typer.echo(
            f"{loaded.file.id} {what}: {loaded.file.rows} rows, {loaded.file.bad_lines} bad lines"
        )

    _run(run())


@app.command()
def reconcile(provider: Provider, on: Day) -> None:
    """Compare a provider's day with the books; as often as data comes late."""
    from deploy.settlement_desk import SettlementDesk
    from services.payment.settings import PaymentSettings

    async def run() -> None:
        async with SettlementDesk.open(PaymentSettings()) as desk:
            done = await desk.reconcile(provider, _date(on))
        typer.echo(
            f"{provider} {on}: {done.files} files matched, {done.opened} differences found, "
            f"{done.explained} explained, {done.still_open} open"
        )

    _run(run())


@app.command()
def export(
    what: Annotated[str, typer.Argument(help="rows, differences, days or remittances.")],
    provider: Provider,
    on: Day,
    out: Annotated[Path, typer.Option(help="A .csv or .xlsx file.")],
) -> None:
    """Write a table for a spreadsheet."""
    from deploy.settlement_desk import WRITERS, SettlementDesk
    from services.payment.settings import PaymentSettings
    from services.payment.use_cases.settlements.export_settlements import Export

    if out.suffix not in WRITERS:
        give_up(f"{out}: its name must end in {' or '.join(WRITERS)}", code=2)
    try:
        table = Export(what)
    except ValueError as error:
        give_up(str(error), code=2)

    async def run() -> None:
        async with SettlementDesk.open(PaymentSettings()) as desk:
            await desk.export(table, provider, _date(on), out)
        typer.echo(str(out))

    _run(run())


@app.command()
def answer(
    file_id: Annotated[UUID, typer.Argument(help="As `load` has named it.")],
    out: Annotated[Path, typer.Option(help="Where to write it.")],
) -> None:
    """Write the answer (type 2) to a pipe file: each line with what we make of it."""
    from deploy.settlement_desk import SettlementDesk
    from services.payment.settings import PaymentSettings

    async def run() -> None:
        async with SettlementDesk.open(PaymentSettings()) as desk:
            await desk.answer(file_id, out)
        typer.echo(str(out))

    _run(run())


def _run(work: Coroutine[Any, Any, Answer]) -> Answer:
    from chassis.errors import Refused

    try:
        return asyncio.run(work)
    except Refused as error:
        give_up(error.message, code=1)


def _show_progress(file: "SettlementFile") -> None:
    so_far = f"\r{file.lines_read} lines read, {file.rows} rows, {file.bad_lines} bad"
    typer.echo(so_far, nl=False, err=True)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        give_up(f"{text} is no date", code=2)


def _period(text: str | None) -> "Period | None":
    from services.payment.domain.settlements.file import Period

    if text is None:
        return None
    first, _, last = text.partition("..")
    return Period(_date(first), _date(last or first))
