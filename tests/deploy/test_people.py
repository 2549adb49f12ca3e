"""`lephi people`, from an empty gateway to its first granter."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner, Result

from chassis.db import Database
from chassis.migrations import upgrade
from deploy.cli import app
from gateway.storage.people.tables import ACCOUNT

MIGRATIONS = Path(__file__).parents[2] / "gateway" / "migrations"
LAN = UUID(int=7)


@pytest.fixture(autouse=True)
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'gateway.sqlite'}"
    upgrade(url, MIGRATIONS)
    asyncio.run(add_account(url, "tran.thi.lan"))
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url)


async def add_account(url: str, username: str) -> None:
    database = Database.open(url)
    row = {
        "id": LAN,
        "username": username,
        "full_name": "Trần Thị Lan",
        "password_hash": "",
        "totp_sealed": "",
        "code_state": "active",
        "last_step": 0,
        "wrong_tries": 0,
        "pairwise_salt": "salt",
        "opened_at": datetime(2026, 11, 23, tzinfo=UTC),
    }
    async with database.begin() as connection:
        await connection.execute(insert(ACCOUNT), row)
    await database.close()


def people(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["people", *arguments])


def granted(*arguments: str) -> Result:
    return people("grant", *arguments, "--as", "vu van hanh")


def test_the_first_granter_is_made_shown_and_taken_back() -> None:
    made = granted("Tran.Thi.Lan", "granter", "*", "--json")
    told = json.loads(made.stdout)
    shown = people("list", "--role", "granter", "--json")
    taken = people("withdraw", told["id"], "--as", "vu van hanh")
    left, ended = people("list"), people("list", "--ended")

    assert (made.exit_code, shown.exit_code, taken.exit_code) == (0, 0, 0)
    assert (told["role"], told["agency"], told["user_id"]) == ("granter", "*", str(LAN))
    assert json.loads(shown.stdout) == told
    assert told["granted_by"] == "operator:vu van hanh"
    assert left.stdout == ""
    assert "operator:vu van hanh" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("nobody", "auditor", "*"), "no such account"),
        (("tran.thi.lan", "counter-officer", "*"), "a duty at one agency"),
        (("tran.thi.lan", "auditor", "H19"), "Nobody holds"),
    ],
)
def test_the_machine_breaks_no_rule_either(arguments: tuple[str, str, str], reason: str) -> None:
    assert granted("tran.thi.lan", "granter", "*").exit_code == 0

    refused = granted(*arguments)

    assert refused.exit_code == 1
    assert reason in refused.stderr


def test_an_operator_gives_nothing_to_their_own_account_and_has_a_name() -> None:
    own = people("grant", "tran.thi.lan", "granter", "*", "--as", "Tran.Thi.Lan")
    nameless = people("grant", "tran.thi.lan", "granter", "*")
    blank = people("grant", "tran.thi.lan", "granter", "*", "--as", "  ")

    unreal = granted("tran.thi.lan", "accountant", "no such place")
    assert unreal.exit_code == 2
    assert (own.exit_code, nameless.exit_code, blank.exit_code) == (1, 2, 2)
    assert "Another person" in own.stderr
    assert people("list").stdout == ""


def test_what_is_not_granted_cannot_be_withdrawn() -> None:
    assert people("withdraw", str(LAN), "--as", "vu van hanh").exit_code == 1
