"""`lephi issuer`: registered, played over HTTP, and as it was after a restart."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.sandbox_issuers.book import Draft
from deploy.sandbox_issuers.main import Played, play_issuers

RUNNER = CliRunner()
DRAFT = Draft(
    key="k1", form="01BLP0-001", symbol="VN-26E", amount=90_000, payer="An", day="23/11/2026"
)


def register(keys: Path, name: str, *, kind: str, agency: str) -> Result:
    options = ["--kind", kind, "--agency", agency, "--keys-dir", str(keys)]
    return RUNNER.invoke(app, ["issuer", "register", name, *options])


@pytest.fixture
def keys_dir(tmp_path: Path) -> Path:
    keys = tmp_path / "keys"
    for kind in ("vnpt", "viettel"):
        made = register(keys, kind, kind=kind, agency="H1")
        assert made.exit_code == 0, made.output
    return keys


def test_a_registration_is_for_its_owner_alone_has_secrets_of_its_own_and_is_kept(
    keys_dir: Path,
) -> None:
    path = keys_dir / "receipt-issuers" / "vnpt.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    secrets = json.loads(before)["secrets"]
    assert len(set(secrets.values())) == 4

    again = register(keys_dir, "vnpt", kind="vnpt", agency="H2")

    assert (again.exit_code, path.read_bytes()) == (0, before)
    assert not any(secret in again.output for secret in secrets.values())


def test_a_kind_that_nobody_plays_is_refused(tmp_path: Path) -> None:
    refused = register(tmp_path, "x", kind="misa", agency="H1")
    assert refused.exit_code == 2


async def test_a_book_in_a_file_goes_on_where_it_stopped(keys_dir: Path, tmp_path: Path) -> None:
    book = tmp_path / "books" / "issuers.sqlite"
    first = play_issuers(keys_dir=keys_dir, book_path=book)
    first.desks["vnpt"].book.issue("vnpt", DRAFT, code="C1")
    first.desks["vnpt"].book.close()

    again = play_issuers(keys_dir=keys_dir, book_path=book)
    issued = again.desks["vnpt"].book.issue("vnpt", replace(DRAFT, key="k2"), code="C2")

    assert issued.number == 2
    shown = await _receipts(again)
    assert [(one["key"], one["number"]) for one in shown] == [("k2", 2), ("k1", 1)]
    assert "An" not in json.dumps(shown)
    again.desks["vnpt"].book.close()


async def test_nobody_is_served_without_the_secrets_of_the_registration(keys_dir: Path) -> None:
    played = play_issuers(keys_dir=keys_dir)
    async with _client(played) as client:
        answer = await client.post(
            "/issuers/viettel/InvoiceAPI/InvoiceWS/searchInvoiceByTransactionUuid",
            data={"supplierTaxCode": "1", "transactionUuid": "k1"},
            headers={"authorization": "Basic eDp5"},
        )
        bad = await client.post("/issuers/vnpt/sandbox/behaviour", json={"mode": "dance"})
    assert (answer.status_code, bad.status_code) == (401, 422)
    played.desks["vnpt"].book.close()


async def _receipts(played: Played) -> list[dict[str, object]]:
    async with _client(played) as client:
        shown: list[dict[str, object]] = (await client.get("/issuers/vnpt/sandbox/receipts")).json()
    return shown


def _client(played: Played) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(played.app), base_url="http://issuers.test"
    )
