"""`lephi audit`: taking the log away and proving it elsewhere."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chassis.db import Database
from chassis.migrations import upgrade_async
from deploy.cli import app
from deploy.development_keys import ensure_development_keys
from deploy.verifier import Unreadable
from deploy.verifier.audit_files import verify_export
from gateway.providers.witnesses import FileWitness
from tests.gateway.audit.rig import Rig, rig_of
from tests.gateway.conftest import MIGRATIONS

Lines = list[dict[str, object]]


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    url = f"sqlite+aiosqlite:///{tmp_path / 'gateway.sqlite'}"
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url)
    ensure_development_keys(tmp_path)
    # Commands run a loop of their own, so the tests have none.
    return asyncio.run(make_log(url, tmp_path))


async def make_log(url: str, tmp_path: Path) -> Rig:
    await upgrade_async(url, MIGRATIONS)
    made = rig_of(Database.open(url), tmp_path)
    made.witnesses = [FileWitness("finance", tmp_path / "finance")]
    for count in (5, 1, 7):
        await made.grow(count)
    await made.add(2)
    await made.keep()
    await made.database.close()
    return made


def audit(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["audit", *arguments])


def anchors_of(tmp_path: Path) -> Path:
    return tmp_path / "trust" / "anchors.json"


def exported(tmp_path: Path) -> Path:
    out = tmp_path / "log.jsonl"
    assert audit("export", "--out", str(out)).exit_code == 0
    return out


def test_the_database_and_its_export_verify_alike(rig: Rig, tmp_path: Path) -> None:
    given = ("--anchors", str(anchors_of(tmp_path)), "--witness", str(tmp_path / "finance"))

    whole = audit("verify", *given)
    away = audit("verify", str(exported(tmp_path)), *given, "--json")

    assert whole.exit_code == 0, whole.output
    assert "15 records, 13 of them signed" in whole.output
    assert "3 held by witnesses compared" in whole.output
    assert away.exit_code == 0
    assert json.loads(away.stdout)["valid"] is True


def test_a_changed_database_leaves_with_1_and_says_what(rig: Rig, tmp_path: Path) -> None:
    async def change() -> None:
        rig.database = Database.open(str(rig.database.engine.url))
        await rig.tamper(
            f'UPDATE audit_leaf SET record = {rig.blob(b"{}")} WHERE "index" = 4',
            "UPDATE audit_leaf SET actor = 'user:2' WHERE \"index\" = 6",
        )
        await rig.database.close()

    asyncio.run(change())

    said = audit("verify", "--anchors", str(anchors_of(tmp_path)))

    assert said.exit_code == 1
    assert "leaf 6 is filed under another actor" in said.output
    assert "TAMPERED WITH" in said.output


def test_what_cannot_be_read_leaves_with_2(rig: Rig, tmp_path: Path) -> None:
    given = ("--anchors", str(anchors_of(tmp_path)))

    assert audit("verify", "--anchors", str(tmp_path / "none.json")).exit_code == 2
    assert audit("verify", str(tmp_path / "none.jsonl"), *given).exit_code == 2
    assert audit("verify", *given, "--witness", str(tmp_path / "none")).exit_code == 2
    other = tmp_path / "other.jsonl"
    other.write_text('{"format": "something-else"}\n')
    with pytest.raises(Unreadable):
        verify_export(other, anchors=anchors_of(tmp_path))


def test_entries_are_shown_newest_last(rig: Rig, tmp_path: Path) -> None:
    said = audit("show", "--subject", "thing:0", "--json")

    shown = [json.loads(line) for line in said.stdout.splitlines()]
    indexes = [one["index"] for one in shown]
    assert len(indexes) == 4
    assert indexes == sorted(indexes)
    assert shown[0]["details"] == {"to": "done"}
    assert "thing.changed  thing:0  by user:1  to=done" in audit("show", "--limit", "3").output


def drop(lines: Lines) -> None:
    del lines[3]


def exchange(lines: Lines) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def shorten(lines: Lines) -> None:
    del lines[-6:]


def unsign(lines: Lines) -> None:
    lines[:] = [line for line in lines if "checkpoint" not in line]


def foreign(lines: Lines) -> None:
    lines.append({"what": "is this"})


def lie(lines: Lines) -> None:
    leaf = lines[1]["leaf"]
    assert isinstance(leaf, dict)
    leaf["record"] = leaf["record"].replace("user:1", "user:2")


def lie_of_root(lines: Lines) -> None:
    checkpoint = next(line["checkpoint"] for line in lines if "checkpoint" in line)
    assert isinstance(checkpoint, dict)
    checkpoint["root"] = "00" * 32


@pytest.mark.parametrize("change", [drop, exchange, shorten, unsign, foreign, lie, lie_of_root])
def test_a_changed_export_is_refused(
    rig: Rig, tmp_path: Path, change: Callable[[Lines], None]
) -> None:
    out = exported(tmp_path)
    lines: Lines = [json.loads(line) for line in out.read_text().splitlines()]
    change(lines)
    out.write_text("".join(json.dumps(line) + "\n" for line in lines))

    verdict = verify_export(out, anchors=anchors_of(tmp_path), witnesses=[tmp_path / "finance"])

    assert not verdict.valid


def test_a_log_signed_by_a_stranger_is_refused(rig: Rig, tmp_path: Path) -> None:
    anchors = json.loads(anchors_of(tmp_path).read_bytes())

    assert verify_export(exported(tmp_path), anchors=anchors).valid
    assert not verify_export(exported(tmp_path), anchors={**anchors, "checkpoint_keys": {}}).valid
