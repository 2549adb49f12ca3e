"""`lephi ledger`: whether the payment service's books hold together."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.printing import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.payment.domain.ledger.findings import Finding

app = typer.Typer(help="The books of the payment service.", no_args_is_help=True)


@app.callback()
def ledger() -> None:
    """The books of the payment service."""


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read all of PAYMENT_DATABASE_URL and hold it against itself: 0 good, 1 not."""
    findings = asyncio.run(_inspect())
    good = all(one.is_good for one in findings)
    if as_json:
        print_json(
            {
                "good": good,
                "findings": [
                    {
                        "question": one.question,
                        "looked_at": one.looked_at,
                        "wrong": list(one.wrong),
                    }
                    for one in findings
                ],
            }
        )
    else:
        for one in findings:
            word = "good " if one.is_good else "WRONG"
            typer.echo(f"{word}  {one.question} ({one.looked_at})")
            for name in one.wrong:
                typer.echo(f"         {name}")
    raise typer.Exit(0 if good else 1)


async def _inspect() -> "Sequence[Finding]":
    from chassis.db import Database
    from deploy.commands.houses import settings_of
    from services.payment.storage.ledger.inspection import inspect_ledger

    database = Database.open(settings_of("payment").database_url, pool_size=1)
    try:
        async with database.read() as connection:
            return await inspect_ledger(connection)
    finally:
        await database.close()
