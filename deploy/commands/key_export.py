"""`lephi keys export`: whose keys counted from when until when, for those who verify without us."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.in_gateway import in_gateway
from deploy.commands.printing import give_up

if TYPE_CHECKING:
    from gateway.domain.machines.client import ClientKey

EXPORTED_MAX = 100_000


def export(
    anchors: Annotated[
        Path, typer.Option(help="The file to write, or to bring up to date.")
    ] = Path("var/trust/anchors.json"),
) -> None:
    """Write the clients' part of anchors.json. What else it holds stays as it is."""
    from gateway.use_cases.machines.look_at_clients import list_all_keys

    try:
        held = json.loads(anchors.read_bytes()) if anchors.exists() else {}
        clients = {client_id: dict(keys) for client_id, keys in held.get("clients", {}).items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        give_up(f"{anchors} cannot be read: {error}", code=2)
    keys = in_gateway(lambda uow, _clock, _ids: list_all_keys(None, limit=EXPORTED_MAX, uow=uow))
    written = 0
    for client_id, kid, entry in _entries(keys):
        clients.setdefault(client_id, {})[kid] = entry
        written += 1
    _replace(anchors, {**held, "clients": clients})
    typer.echo(f"{written} keys are in {anchors}.")


def _entries(keys: Iterable["ClientKey"]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    """Keys that never counted are left out: nothing they signed was ever accepted."""
    for key in keys:
        if key.approved_at is None:
            continue
        entry = {
            "jwk": dict(key.public_jwk),
            "from": key.approved_at.isoformat(),
            "until": key.until.isoformat(),
            "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        }
        yield key.client_id, key.id, entry


def _replace(path: Path, value: dict[str, Any]) -> None:
    """A reader sees the whole file or none: it is written aside, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    aside.write_text(f"{text}\n", "utf-8")
    aside.replace(path)
