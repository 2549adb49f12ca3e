"""`lephi audit`: prove the gateway's audit log, take it away, look into it."""

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.printing import give_up, print_json
from deploy.commands.verify import DEFAULT_ANCHORS, INVALID, UNREADABLE, VALID

if TYPE_CHECKING:
    from deploy.verifier.verdict import Verdict

TOLD_EVERY = 100_000
SHOWN_MAX = 1_000

app = typer.Typer(help="The gateway's audit log.", no_args_is_help=True)

Anchors = Annotated[
    Path | None,
    typer.Option(help="Whom to trust. Else $LEPHI_ANCHORS, else var/trust/anchors.json."),
]
Witnesses = Annotated[
    list[Path] | None,
    typer.Option("--witness", metavar="DIR|FILE", help="What a witness holds; as often as needed."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def audit() -> None:
    """The gateway's audit log."""


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Argument(help="An exported log; else the gateway's database is read.")
    ] = None,
    witness: Witnesses = None,
    anchors: Anchors = None,
    as_json: AsJson = False,
) -> None:
    """Recompute the whole log: 0 valid, 1 tampered with, 2 unreadable."""
    from sqlalchemy.exc import SQLAlchemyError

    from deploy.verifier.audit_files import verify_export
    from deploy.verifier.verdict import Unreadable

    trusted = anchors or Path(os.environ.get("LEPHI_ANCHORS") or DEFAULT_ANCHORS)
    try:
        if file is not None:
            verdict = verify_export(file, anchors=trusted, witnesses=witness or ())
        else:
            verdict = asyncio.run(_verify_database(trusted, witness or []))
    except (Unreadable, SQLAlchemyError, OSError) as error:
        if as_json:
            print_json({"valid": None, "reason": str(error)})
            raise typer.Exit(UNREADABLE) from error
        give_up(f"Unreadable: {error}", code=UNREADABLE)
    _tell(verdict, as_json=as_json)
    raise typer.Exit(VALID if verdict.valid else INVALID)


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="JSON lines: leaves and checkpoints in their order.")],
) -> None:
    """Write the whole log to a file that `lephi audit verify FILE` proves anywhere."""
    count = asyncio.run(_export(out))
    typer.echo(f"{out}: {count} lines")


@app.command()
def show(
    subject: Annotated[str | None, typer.Option(help="kind:id")] = None,
    actor: Annotated[str | None, typer.Option(help="kind:id")] = None,
    action: Annotated[str | None, typer.Option(help="noun.verb_past")] = None,
    limit: Annotated[int, typer.Option(min=1, max=SHOWN_MAX)] = 20,
    as_json: AsJson = False,
) -> None:
    """The newest entries."""
    from gateway.domain.audit.leaf import LeafFilter

    wanted = LeafFilter(subject=subject, actor=actor, action=action)
    for said in asyncio.run(_show(wanted, limit)):
        if as_json:
            print_json(said)
            continue
        details = " ".join(f"{name}={text}" for name, text in said["details"].items())
        what = f"{said['action']}  {said['subject']}  by {said['actor']}  {details}"
        typer.echo(f"{said['index']:>8}  {said['at']}  {what}".rstrip())


async def _verify_database(anchors: Path, witnesses: list[Path]) -> "Verdict":
    from deploy.audit_database import judge_rows, one_moment
    from deploy.verifier.audit_files import held_by, read_anchors
    from deploy.verifier.audit_log import AuditJudge, AuditKeys

    judge = AuditJudge(AuditKeys.of(read_anchors(anchors)), held_by(witnesses))
    database = _database()
    try:
        async with one_moment(database) as connection:
            return await judge_rows(connection, judge, progress=_progress())
    finally:
        await database.close()


async def _export(out: Path) -> int:
    from deploy.audit_database import log_lines, one_moment
    from deploy.verifier.audit_files import FORMAT

    database, count = _database(), 0
    aside = out.with_name(f".{out.name}.new")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"format": FORMAT}) + "\n")
            async with one_moment(database) as connection:
                async for line in log_lines(connection):
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                    count += 1
        aside.replace(out)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
        await database.close()
    return count


async def _show(wanted: Any, limit: int) -> list[dict[str, Any]]:
    from gateway.storage.audit.audit_tree import SqlAuditTree

    database = _database()
    try:
        async with database.read() as connection:
            found = await SqlAuditTree(connection).search(wanted, limit=limit)
    finally:
        await database.close()
    return [{"index": leaf.index, **json.loads(leaf.record)} for leaf in reversed(found)]


def _database() -> Any:
    from chassis.db import Database
    from deploy.commands.houses import settings_of

    return Database.open(settings_of("gateway").database_url, pool_size=1)


def _progress() -> Callable[[int], None]:
    told = 0

    def progress(count: int) -> None:
        nonlocal told
        if count - told >= TOLD_EVERY:
            told = count
            typer.echo(f"{count} records …", err=True)

    return progress


def _tell(verdict: "Verdict", *, as_json: bool) -> None:
    if as_json:
        items = [
            {"name": item.name, "valid": item.valid, "detail": item.detail}
            for item in verdict.items
        ]
        print_json({"kind": verdict.kind, "valid": verdict.valid, "items": items})
        return
    for item in verdict.items:
        typer.echo(f"{'ok  ' if item.valid else 'FAIL'}  {item.name}: {item.detail}")
    typer.echo(f"audit log: {'valid' if verdict.valid else 'TAMPERED WITH'}")
