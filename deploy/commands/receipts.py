"""`lephi receipts`: whether the vault could give every receipt back, and giving back."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.given import USAGE, AsJson
from deploy.commands.printing import give_up, print_json

if TYPE_CHECKING:
    from deploy.restore_check import RestoreReport
    from services.receipt.ports.keeping import OpenKeeping, Vault
    from services.receipt.use_cases.keeping.restore_documents import Restored

DIFFERENT = 1
app = typer.Typer(
    help="The vault of signed receipts: RECEIPT_VAULT and RECEIPT_DATABASE_URL.",
    no_args_is_help=True,
)


@app.callback()
def receipts() -> None:
    """The vault of signed receipts: RECEIPT_VAULT and RECEIPT_DATABASE_URL."""


@app.command("restore-check")
def restore_check(
    sample: Annotated[
        int | None, typer.Option(min=1, help="Only so many files, drawn by lot; else all.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="An empty directory to restore into, left as it is then.")
    ] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(help="Whom to trust. Else $LEPHI_ANCHORS, else those beside the keys."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Restore from the vault into an empty place and judge all of it: 0 good, 1 any difference."""
    if into is not None and (not into.is_dir() or any(into.iterdir())):
        give_up(f"{into} is no empty directory.", code=USAGE)
    with tempfile.TemporaryDirectory(prefix="lephi-restore-") as temporary:
        report = asyncio.run(
            _check(into or Path(temporary), sample=sample, anchors=anchors, quiet=as_json)
        )
    if as_json:
        print_json(
            {
                "good": report.is_good,
                "files": report.files,
                "signatures": report.signatures,
                "not_judged": report.not_judged,
                "books": report.books,
                "differences": report.differences,
            }
        )
    else:
        for line in report.differences:
            typer.echo(f"WRONG  {line}")
        typer.echo(
            f"{report.files} files restored, {report.signatures} signatures judged,"
            f" {report.not_judged} of outside issuers not judged, {report.books} number books,"
            f" {len(report.differences)} differences"
        )
    raise typer.Exit(0 if report.is_good else DIFFERENT)


@app.command()
def restore() -> None:
    """Put lost or changed documents back into the database, where the vault's bytes fit."""
    restored = asyncio.run(_restore())
    for one in restored.lost:
        receipt = one.receipt
        typer.echo(f"LOST   {receipt.agency_code} {receipt.symbol} {receipt.number} {one.form}")
    typer.echo(
        f"{restored.looked_at} looked at, {restored.restored} put back, {len(restored.lost)} lost"
    )
    raise typer.Exit(DIFFERENT if restored.lost else 0)


async def _check(
    into: Path, *, sample: int | None, anchors: Path | None, quiet: bool
) -> "RestoreReport":
    from chassis.ids import SystemIds
    from deploy.commands.houses import settings_of
    from deploy.restore_check import RestoreCheck

    given = anchors or os.environ.get("LEPHI_ANCHORS")
    trusted = Path(given) if given else settings_of("receipt").published_anchors
    async with _opened(reading=True) as (open_keeping, vault):
        check = RestoreCheck(
            open_keeping=open_keeping,
            vault=vault,
            into=into,
            anchors=trusted,
            ids=SystemIds(),
            say=_hushed if quiet else _tell,
        )
        return await check.run(sample=sample)


async def _restore() -> "Restored":
    from services.receipt.use_cases.keeping.restore_documents import restore_documents

    async with _opened(reading=False) as (open_keeping, vault):
        return await restore_documents(open_keeping=open_keeping, vault=vault)


@asynccontextmanager
async def _opened(*, reading: bool) -> AsyncIterator[tuple["OpenKeeping", "Vault"]]:
    import httpx

    from chassis.db import Database
    from deploy.commands.houses import settings_of
    from services.receipt.providers.vaults import open_vault
    from services.receipt.storage.keeping.keeping import SqlKeeping, SqlKeepingReading

    settings = settings_of("receipt")
    scope = SqlKeepingReading if reading else SqlKeeping
    async with httpx.AsyncClient(
        timeout=settings.issuer_timeout_seconds, trust_env=False
    ) as client:
        vault = open_vault(settings, client=client)
        if vault is None:
            give_up("RECEIPT_VAULT is empty: nothing is copied anywhere.", code=USAGE)
        database = Database.open(settings.database_url, pool_size=1)
        try:
            yield (lambda: scope(database)), vault
        finally:
            await database.close()


def _tell(line: str) -> None:
    typer.echo(line, err=True)


def _hushed(line: str) -> None:
    """Programs want the report alone."""
