"""What commands of an operator at the machine share: the gateway's database, and their name."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from deploy.commands.houses import settings_of
from deploy.commands.printing import give_up

if TYPE_CHECKING:
    from chassis.clock import Clock
    from chassis.ids import Ids
    from gateway.storage.unit_of_work import SqlUnitOfWork

Done = TypeVar("Done")
Operator = Annotated[str, typer.Option("--as", help="Your own name, for the audit log.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def named(operator: str) -> str:
    name = operator.strip()
    if not 3 <= len(name) <= 64 or not name.isprintable():
        raise typer.BadParameter("your name has 3 to 64 characters", param_hint="--as")
    return name


def in_gateway(do: Callable[["SqlUnitOfWork", "Clock", "Ids"], Awaitable[Done]]) -> Done:
    """In the database of GATEWAY_DATABASE_URL; a refusal ends the program with code 1."""
    from chassis.clock import SystemClock
    from chassis.db import Database
    from chassis.errors import Refused
    from chassis.ids import SystemIds
    from gateway.storage.unit_of_work import SqlUnitOfWork

    clock = SystemClock()
    ids = SystemIds(clock)

    async def open_and_do() -> Done:
        database = Database.open(settings_of("gateway").database_url, pool_size=1)
        try:
            return await do(SqlUnitOfWork(database, clock=clock, ids=ids), clock, ids)
        finally:
            await database.close()

    try:
        return asyncio.run(open_and_do())
    except Refused as refused:
        give_up(refused.message, code=1)
