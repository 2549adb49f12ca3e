"""Copies: every document gets one soon after it is stored, whatever crashes in between."""

import asyncio
import signal
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.migrations import downgrade_async, upgrade_async
from services.receipt.domain.keeping.errors import VaultUnavailable
from services.receipt.domain.keeping.finding import KeepingReason, KeepingState
from services.receipt.domain.keeping.kept import RetentionRule
from services.receipt.domain.receipts.receipt import Form
from services.receipt.providers.vaults.files import FileVault
from services.receipt.use_cases.keeping import keep_documents as keeping
from services.receipt.use_cases.keeping.keep_documents import keep_documents
from tests.receipt.conftest import MIGRATIONS
from tests.receipt.keeping.house import CHECK_WITHIN, House

ROOT = Path(__file__).parents[3]
RULE = RetentionRule(valid_from=date(2017, 1, 1), valid_to=None, years=10, legal_basis="…")


class Counting(FileVault):
    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.puts: list[str] = []

    async def put(self, sha256: str, body: bytes, *, keep_until: date | None = None) -> bool:
        self.puts.append(sha256)
        # Long enough for another pass to come by.
        await asyncio.sleep(0.02)
        return await super().put(sha256, body, keep_until=keep_until)


class Down(FileVault):
    async def put(self, sha256: str, body: bytes, *, keep_until: date | None = None) -> bool:
        raise VaultUnavailable("SlowDown")


async def test_the_original_and_the_page_are_copied_and_it_is_written_down(house: House) -> None:
    (receipt,) = await house.issue()
    page = await house.add_page(receipt, b"%PDF-1.7 a page")
    await house.keep()

    original = await house.stored(receipt.id)
    assert original is not None
    assert house.file(receipt.xml_sha256 or "").read_bytes() == original
    assert house.file(page.sha256).read_bytes() == page.body
    rows = await house.rows()
    assert {row.form: row.sha256 for row in rows} == {
        "xml": receipt.xml_sha256,
        "pdf": page.sha256,
    }
    assert {row.size_bytes for row in rows} == {len(original), len(page.body)}
    assert {(row.agency_code, row.dated_on, row.keep_until_on) for row in rows} == {
        ("H19.25", date(2026, 11, 23), date(2036, 12, 31))
    }
    assert {row.kept_at for row in rows} == {house.clock.now()}
    assert all(row.due_at < house.clock.now() + CHECK_WITHIN for row in rows)
    assert await house.findings() == []


@pytest.mark.parametrize(
    ("issued", "until"),
    [
        (datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), date(2036, 12, 31)),
        # Midnight in Vietnam is five in the afternoon of the day before in Greenwich.
        (datetime(2026, 12, 31, 17, 0, 0, tzinfo=UTC), date(2037, 12, 31)),
        (datetime(2027, 12, 31, 16, 59, 59, tzinfo=UTC), date(2037, 12, 31)),
    ],
)
def test_ten_years_begin_when_the_year_of_issue_ends_in_vietnam(
    issued: datetime, until: date
) -> None:
    assert RULE.keep_until(issued) == until


async def test_where_no_rule_says_how_long_it_is_kept_for_ever(house: House) -> None:
    (receipt,) = await house.issue()
    async with house.database.begin() as connection:
        await connection.execute(text("UPDATE retention_rule SET valid_to_on = '2020-12-31'"))
    await house.keep()

    (row,) = await house.rows()
    assert (row.kept_at, row.keep_until_on) == (house.clock.now(), None)
    assert house.file(receipt.xml_sha256 or "").exists()


async def test_killed_between_the_copy_and_its_record_nothing_is_lost_or_doubled(
    house: House, database_url: str
) -> None:
    (receipt,) = await house.issue()
    dying = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.receipt.keeping.dying_keeper",
        database_url,
        str(house.root),
        house.clock.now().isoformat(),
        cwd=ROOT,
    )
    assert await dying.wait() == -signal.SIGKILL
    copy = house.file(receipt.xml_sha256 or "")
    assert copy.exists()
    (row,) = await house.rows()
    assert row.kept_at is None

    await house.keep()
    (row,) = await house.rows()
    assert row.kept_at is None, "it is still lent to whoever died"
    house.clock.advance(keeping.LEASE)
    await house.keep()

    (row,) = await house.rows()
    assert row.kept_at == house.clock.now()
    assert [one.name for one in house.root.glob("??/??/*")] == [copy.name]
    assert copy.read_bytes() == await house.stored(receipt.id)
    assert await house.findings() == []


async def test_passes_at_once_copy_each_document_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH_MAX", 4)
    receipts = await house.issue(12)
    vault = Counting(house.root)

    async def drain() -> None:
        while await keep_documents(tools=house.tools(vault)):
            continue

    await asyncio.gather(*(drain() for _ in range(4)))

    assert sorted(vault.puts) == sorted(one.xml_sha256 or "" for one in receipts)
    assert all(row.kept_at for row in await house.rows())


async def test_a_vault_that_is_down_keeps_nobody_waiting_and_is_asked_again(house: House) -> None:
    (receipt,) = await house.issue()
    assert await keep_documents(tools=house.tools(Down(house.root))) == 0

    await house.keep()
    (row,) = await house.rows()
    assert row.kept_at is None
    house.clock.advance(keeping.PAUSE)
    await house.keep()

    (row,) = await house.rows()
    assert row.kept_at == house.clock.now()
    assert house.file(receipt.xml_sha256 or "").exists()
    assert await house.findings() == []


async def test_bytes_that_do_not_fit_are_no_copy_of_anything(house: House) -> None:
    (receipt,) = await house.issue()
    await house.spoil_row(receipt.id, b"<Other/>")
    await house.keep()

    assert await house.said() == [(KeepingReason.CHANGED_IN_DATABASE, KeepingState.OPEN)]
    assert list(house.root.glob("??/??/*")) == []
    (row,) = await house.rows()
    assert row.kept_at is None


async def test_wrong_bytes_that_lie_there_already_are_mended_and_told(house: House) -> None:
    (receipt,) = await house.issue()
    there = house.file(receipt.xml_sha256 or "")
    there.parent.mkdir(parents=True)
    there.write_bytes(b"<Planted/>")
    await house.keep()

    assert there.read_bytes() == await house.stored(receipt.id)
    assert await house.said() == [(KeepingReason.CHANGED_IN_VAULT, KeepingState.REPAIRED)]
    (aside,) = (house.root / "set-aside").iterdir()
    assert aside.read_bytes() == b"<Planted/>"


async def test_a_final_document_changes_only_back_to_what_its_digest_says(house: House) -> None:
    (receipt,) = await house.issue()
    original = await house.stored(receipt.id)
    assert original is not None
    change = text("UPDATE receipt_document SET body = :body")

    async def write(body: bytes) -> None:
        async with house.database.begin() as connection:
            await connection.execute(change, {"body": body})

    # Right bytes do not even become themselves, and wrong ones become nothing but right ones.
    with pytest.raises(DBAPIError):
        await write(b"<Other/>")
    with pytest.raises(DBAPIError):
        await write(original)
    await house.spoil_row(receipt.id, b"<Other/>")
    with pytest.raises(DBAPIError):
        await write(b"<Another/>")
    with pytest.raises(DBAPIError):
        async with house.database.begin() as connection:
            await connection.execute(text("DELETE FROM receipt_document"))
    await write(original)

    assert await house.stored(receipt.id) == original


async def test_documents_from_before_the_migration_are_kept_as_well(
    house: House, database_url: str
) -> None:
    (receipt,) = await house.issue()
    await downgrade_async(database_url, MIGRATIONS, revision="0009")
    page = await house.add_page(receipt, b"%PDF-1.7 of before")
    await upgrade_async(database_url, MIGRATIONS)
    await house.keep()

    rows = await house.rows()
    assert {row.sha256 for row in rows} == {receipt.xml_sha256, page.sha256}
    assert house.file(page.sha256).read_bytes() == page.body


async def test_what_was_stored_before_there_was_a_vault_waits_for_one(house: House) -> None:
    receipts = await house.issue(3)
    async with house.open_keeping() as opened:
        measured = await opened.kept.measure(
            checked_before=house.clock.now() - timedelta(days=1), now=house.clock.now()
        )
    assert measured.waiting == 3
    await house.keep()

    async with house.open_keeping() as opened:
        kept = await opened.kept.list_of([one.id for one in receipts])
        measured = await opened.kept.measure(
            checked_before=house.clock.now() + timedelta(days=1), now=house.clock.now()
        )
    assert [(one.form, one.kept_at) for one in kept] == [(Form.XML, house.clock.now())] * 3
    assert (measured.waiting, measured.overdue) == (0, 0), "nothing is due yet"
