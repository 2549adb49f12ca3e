"""`lephi signers`: how an operator sees who signs, and the remote signer they can play with."""

import json
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
import structlog
from typer.testing import CliRunner, Result

from chassis.clock import SystemClock
from chassis.testing import FrozenClock
from deploy.cli import app
from deploy.development_keys import ensure_development_keys
from deploy.sandbox_signer.playing import entry_of, play_signer
from deploy.signer_care import Looked, Warned, look_at_signers
from services.receipt.providers.signers.configured_signers import ConfiguredSigners
from tests.payment.providers.over_http import listening, served
from tests.receipt.samples import NOON
from tests.receipt.signers.pki import HOLDER, Authority, p256, write_pair
from tests.receipt.signers.test_signers_file import entry, write

RUNNER = CliRunner()


def lephi(keys: Path, *arguments: str) -> Result:
    return RUNNER.invoke(app, ["signers", *arguments, "--keys-dir", str(keys)])


@pytest.fixture(autouse=True)
def _own_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command sets up the log of its own process for good; here it runs in ours."""
    quiet = partial(structlog.configure, processors=[_nothing], cache_logger_on_first_use=False)
    monkeypatch.setattr("chassis.logging.configure_logging", lambda *_level: quiet())
    yield
    structlog.reset_defaults()


def _nothing(*_said: object) -> NoReturn:
    raise structlog.DropEvent


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    (tmp_path / "receipt").mkdir()
    return tmp_path


def add(keys: Path, name: str, *, days: int = 365, since: datetime | None = None) -> None:
    key, now = p256(), since or datetime.now(UTC) - timedelta(hours=1)
    write_pair(keys / "receipt", name, key, Authority().certify(key, since=now, days=days))


def shown(result: Result) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads(result.stdout)}


def test_each_is_listed_by_agency_with_its_certificate_and_whose_turn_it_is(keys: Path) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for name in ("now", "next", "own"):
        add(keys, name)
    write(
        keys / "receipt",
        entry("now"),
        entry("next", **{"from": tomorrow}),
        entry("own", agencies=["H19.31"]),
    )

    said = shown(lephi(keys, "list", "--json"))
    text = lephi(keys, "list").stdout

    assert {name: one["in_use_for"] for name, one in said.items()} == {
        "now": ["*"],
        "next": [],
        "own": ["H19.31"],
    }
    assert said["now"]["subject"] == f"CN={HOLDER}"
    assert said["now"]["days_left"] == 364
    assert said["next"]["from"] == tomorrow
    assert said["now"]["works"] is None
    assert text.index("every agency that is not named:") < text.index("* now (pem)")
    assert text.index("H19.31:") < text.index("* own (pem)")
    assert "  next (pem)" in text
    assert "* next" not in text


@pytest.mark.parametrize(
    ("days", "warned"),
    [
        (61, Warned.NO),
        (60, Warned.SOON),
        (31, Warned.SOON),
        (30, Warned.WARNING),
        (8, Warned.WARNING),
        (7, Warned.URGENT),
        (0, Warned.URGENT),
        (-1, Warned.OVER),
        (None, Warned.NO),
    ],
)
def test_the_end_of_a_certificate_is_warned_about_three_times(
    days: int | None, warned: Warned
) -> None:
    assert Warned.of(days) is warned


def test_a_warning_is_shown(keys: Path) -> None:
    add(keys, "soon", days=8)
    write(keys / "receipt", entry("soon"))

    assert "ENDS WITHIN 7 DAYS" in lephi(keys, "list").stdout
    assert shown(lephi(keys, "list", "--json"))["soon"]["warning"] == Warned.URGENT


def test_a_check_signs_with_each_and_says_so(keys: Path) -> None:
    add(keys, "a")
    write(keys / "receipt", entry("a"))

    checked = lephi(keys, "check")

    assert (checked.exit_code, "signs" in checked.stdout) == (0, True)


def test_a_check_fails_when_one_cannot_sign_and_names_no_secret(keys: Path) -> None:
    add(keys, "a")
    (keys / "receipt" / "p12").write_text("geheim-file")
    (keys / "receipt" / "password").write_text("geheim-password")
    sealed = {"name": "b", "kind": "pkcs12", "file": "p12", "password_file": "password"}
    write(keys / "receipt", entry("a"), {**sealed, "agencies": ["H1"]})

    checked = lephi(keys, "check", "--json")

    assert checked.exit_code == 1
    assert {name: one["works"] for name, one in shown(checked).items()} == {"a": True, "b": False}
    assert "geheim" not in checked.output


def test_a_file_that_is_no_use_is_said(keys: Path, tmp_path: Path) -> None:
    (keys / "receipt" / "signers.json").write_text("{")

    assert lephi(keys, "check").exit_code == 2
    assert lephi(tmp_path / "nowhere", "list").exit_code == 2


async def looked(folder: Path) -> Sequence[Looked]:
    return await look_at_signers(folder, clock=FrozenClock(NOON), tried=True)


async def test_one_that_was_replaced_may_have_ended_and_one_in_use_may_not(keys: Path) -> None:
    add(keys, "old", since=NOON - timedelta(days=400), days=365)
    add(keys, "new", since=NOON - timedelta(days=1))
    begun = (NOON - timedelta(days=2)).isoformat()
    write(keys / "receipt", entry("old"), entry("new", **{"from": begun}))
    old, new = await looked(keys / "receipt")
    write(keys / "receipt", entry("old"))
    (alone,) = await looked(keys / "receipt")

    assert (old.works, new.works) == (None, True)
    assert old.warned is Warned.OVER
    assert alone.works is False


async def test_one_whose_turn_comes_with_a_certificate_that_has_not_begun_is_fit(
    keys: Path,
) -> None:
    begins = NOON + timedelta(days=30)
    add(keys, "next", since=begins)
    add(keys, "late", since=begins + timedelta(days=1))
    write(
        keys / "receipt",
        entry("next", **{"from": begins.isoformat()}),
        entry("late", **{"from": begins.isoformat()}),
    )

    assert [one.works for one in await looked(keys / "receipt")] == [True, False]


async def test_the_played_signer_signs_for_who_has_its_entry_and_misbehaves_when_told(
    tmp_path: Path,
) -> None:
    ensure_development_keys(tmp_path)
    keys = tmp_path / "keys"
    async with served(play_signer(keys), listening()) as url:
        write(keys / "receipt", dict(entry_of(url)))
        well = await look_at_signers(keys / "receipt", clock=SystemClock(), tried=True)
        async with httpx.AsyncClient() as client:
            told = await client.post(f"{url}/sandbox/behaviour", json={"down": True})
            wrong = await client.post(f"{url}/sandbox/behaviour", json={"tired": True})
            down = await look_at_signers(keys / "receipt", clock=SystemClock(), tried=True)
            await client.post(f"{url}/sandbox/behaviour", json={"wrong_signature": True})
        lying = await look_at_signers(keys / "receipt", clock=SystemClock(), tried=True)

    assert [one.works for one in (*well, *down, *lying)] == [True, False, False]
    assert "does not fit" in str(lying[0].why_not)
    assert (told.status_code, wrong.status_code) == (200, 422)
    assert stat.S_IMODE((keys / "receipt" / "remote.secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((keys / "receipt" / "remote.key.pem").stat().st_mode) == 0o600


async def test_the_played_signer_keeps_its_key_and_secret(tmp_path: Path) -> None:
    ensure_development_keys(tmp_path)
    folder = tmp_path / "keys" / "receipt"
    play_signer(tmp_path / "keys")
    before = {one.name: one.read_bytes() for one in folder.iterdir()}

    play_signer(tmp_path / "keys")

    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before


def test_without_development_keys_nothing_is_played(tmp_path: Path) -> None:
    assert lephi(tmp_path, "play").exit_code == 2


async def test_an_unknown_name_is_said(keys: Path) -> None:
    add(keys, "a")
    write(keys / "receipt", entry("a"))
    async with httpx.AsyncClient() as client:
        signers = ConfiguredSigners(keys / "receipt", client=client, clock=SystemClock())
        with pytest.raises(Exception, match="not in the file"):
            await signers.named("b")
