"""The sweep: whatever was spoilt is found, and mended where one of the two copies is right."""

import asyncio
import errno
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from chassis.canonical import sha256_hex
from services.receipt.domain.keeping.errors import VaultUnavailable
from services.receipt.domain.keeping.finding import KeepingReason, KeepingState
from services.receipt.domain.receipts.receipt import Form, Receipt
from services.receipt.providers.vaults.files import FileVault
from services.receipt.use_cases.keeping import check_kept as checking
from services.receipt.use_cases.keeping.check_kept import check_kept, check_shelf
from services.receipt.use_cases.keeping.expire import remove_expired
from tests.receipt.keeping.house import CHECK_WITHIN, House

REPAIRED, OPEN = KeepingState.REPAIRED, KeepingState.OPEN


class Counting(FileVault):
    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.gets: list[str] = []

    async def get(self, sha256: str) -> bytes | None:
        self.gets.append(sha256)
        await asyncio.sleep(0.02)
        return await super().get(sha256)


@pytest.fixture
async def kept(house: House) -> Receipt:
    (receipt,) = await house.issue()
    await house.keep()
    return receipt


async def both(house: House, receipt: Receipt) -> tuple[bytes | None, bytes | None]:
    file = house.file(receipt.xml_sha256 or "")
    return await house.stored(receipt.id), file.read_bytes() if file.exists() else None


async def test_nothing_wrong_is_no_finding_and_due_again_in_time(
    house: House, kept: Receipt
) -> None:
    await house.sweep()

    assert await house.findings() == []
    (row,) = await house.rows()
    assert row.last_checked_at == house.clock.now()
    assert house.clock.now() < row.due_at < house.clock.now() + CHECK_WITHIN


async def test_a_flipped_bit_in_the_vault_is_found_and_healed(house: House, kept: Receipt) -> None:
    right, _ = await both(house, kept)
    wrong = house.spoil_file(kept.xml_sha256 or "")
    await house.sweep()

    assert await house.said() == [(KeepingReason.CHANGED_IN_VAULT, REPAIRED)]
    assert await both(house, kept) == (right, right)
    (aside,) = (house.root / "set-aside").iterdir()
    assert aside.read_bytes() == wrong
    (finding,) = await house.findings()
    assert (finding.receipt_id, finding.form, finding.agency_code) == (kept.id, Form.XML, "H19.25")


async def test_a_flipped_bit_in_the_database_is_found_and_healed(
    house: House, kept: Receipt
) -> None:
    right, _ = await both(house, kept)
    assert right is not None
    await house.spoil_row(kept.id, right.replace(b"100000", b"900000"))
    assert await house.stored(kept.id) != right
    await house.sweep()

    assert await house.said() == [(KeepingReason.CHANGED_IN_DATABASE, REPAIRED)]
    assert await both(house, kept) == (right, right)


async def test_what_is_lost_in_one_place_comes_back_from_the_other(
    house: House, kept: Receipt
) -> None:
    right, _ = await both(house, kept)
    house.file(kept.xml_sha256 or "").unlink()
    await house.sweep()
    assert await both(house, kept) == (right, right)
    await house.lose_row(kept.id)
    assert await house.stored(kept.id) is None
    await house.sweep()

    assert await both(house, kept) == (right, right)
    assert await house.said() == [
        (KeepingReason.MISSING_IN_DATABASE, REPAIRED),
        (KeepingReason.MISSING_IN_VAULT, REPAIRED),
    ]


async def test_where_both_are_wrong_nothing_is_touched_and_it_stays_open(
    house: House, kept: Receipt
) -> None:
    wrong = house.spoil_file(kept.xml_sha256 or "")
    await house.spoil_row(kept.id, b"<Other/>")
    await house.sweep()
    await house.sweep()

    assert await house.said() == [
        (KeepingReason.CHANGED_IN_DATABASE, OPEN),
        (KeepingReason.CHANGED_IN_VAULT, OPEN),
    ]
    assert await both(house, kept) == (b"<Other/>", wrong)
    (row,) = await house.rows()
    assert row.due_at == house.clock.now() + checking.WRONG_AGAIN


async def test_digests_that_differ_are_for_a_person(house: House, kept: Receipt) -> None:
    right, _ = await both(house, kept)
    forged = b"<Forged/>"
    await house.tamper(
        "UPDATE receipt_document SET body = :body, sha256 = :sha256",
        body=forged,
        sha256=sha256_hex(forged),
    )
    await house.sweep()

    assert await house.said() == [(KeepingReason.DIGESTS_DIFFER, OPEN)]
    assert await both(house, kept) == (forged, right)
    await house.tamper(
        "UPDATE receipt_document SET body = :body, sha256 = :sha256",
        body=right,
        sha256=kept.xml_sha256,
    )
    await house.sweep()
    assert await house.said() == [(KeepingReason.DIGESTS_DIFFER, REPAIRED)]


async def test_a_receipt_whose_row_names_another_digest_is_found(
    house: House, kept: Receipt
) -> None:
    async with house.database.begin() as connection:
        await connection.execute(
            text("UPDATE receipt SET xml_sha256 = :other"), {"other": "0" * 64}
        )
    await house.sweep()

    assert await house.said() == [(KeepingReason.DIGESTS_DIFFER, OPEN)]


async def test_what_was_closed_and_is_still_wrong_is_found_anew(
    house: House, kept: Receipt
) -> None:
    house.spoil_file(kept.xml_sha256 or "")
    await house.spoil_row(kept.id, b"<Other/>")
    await house.sweep()
    found = await house.findings()
    async with house.open_keeping() as keeping:
        for finding in found:
            await keeping.findings.close(
                finding.close(at=house.clock.now(), by="accountant", note="asked")
            )
    await house.sweep()

    states = [one.state for one in await house.findings()]
    assert sorted(states) == [KeepingState.CLOSED] * 2 + [OPEN] * 2


async def test_the_oldest_is_compared_first_and_each_once_by_passes_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "BATCH_MAX", 3)
    receipts = await house.issue(9)
    await house.keep()
    vault = Counting(house.root)
    early, later = receipts[:3], receipts[3:]
    async with house.database.begin() as connection:
        for days, those in ((2, early), (1, later)):
            for one in those:
                await connection.execute(
                    text("UPDATE kept_document SET due_at = :at WHERE receipt_id = :id"),
                    {
                        "at": (house.clock.now() - timedelta(days=days))
                        if house.database.dialect == "postgresql"
                        else (house.clock.now() - timedelta(days=days)).replace(tzinfo=None),
                        "id": house._id(one.id),
                    },
                )
    assert await check_kept(tools=house.tools(vault)) == 3
    assert sorted(vault.gets) == sorted(one.xml_sha256 or "" for one in early)

    async def drain() -> None:
        while await check_kept(tools=house.tools(vault)):
            continue

    await asyncio.gather(*(drain() for _ in range(3)))
    assert sorted(vault.gets) == sorted(one.xml_sha256 or "" for one in receipts)


async def test_a_file_that_the_disk_cannot_read_is_found_and_healed(
    house: House, kept: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, _ = await both(house, kept)
    bad = house.file(kept.xml_sha256 or "")
    inode, opened = bad.stat().st_ino, Path.open

    def open_or_fail(path: Path, *args: Any, **words: Any) -> Any:
        if path == bad and bad.stat().st_ino == inode:
            raise OSError(errno.EIO, "Input/output error")
        return opened(path, *args, **words)

    monkeypatch.setattr(Path, "open", open_or_fail)
    await house.sweep()

    assert await house.said() == [(KeepingReason.CHANGED_IN_VAULT, REPAIRED)]
    assert await both(house, kept) == (right, right)


async def test_what_cannot_be_asked_for_keeps_nothing_else_waiting(house: House) -> None:
    first, second = await house.issue(2)
    await house.keep()

    class Refusing(FileVault):
        asked = 0

        async def get(self, sha256: str) -> bytes | None:
            self.asked += 1
            if sha256 != second.xml_sha256:
                raise VaultUnavailable("SlowDown")
            return await super().get(sha256)

    house.clock.advance(CHECK_WITHIN)
    assert await check_kept(tools=house.tools(Refusing(house.root))) == 1
    checked = {row.receipt_id: row.last_checked_at for row in await house.rows()}
    assert checked == {first.id: None, second.id: house.clock.now()}

    await house.issue(checking.FAILURES_MAX + 2)
    await house.keep()
    house.clock.advance(CHECK_WITHIN * 3)
    down = Refusing(house.root)
    await check_kept(tools=house.tools(down))
    assert down.asked <= checking.FAILURES_MAX + 1, "a vault that is down is left alone"
    assert await house.findings() == []


async def test_a_rule_that_keeps_longer_reaches_what_is_kept_and_a_shorter_one_does_not(
    house: House, kept: Receipt
) -> None:
    for years, until in ((20, date(2046, 12, 31)), (5, date(2046, 12, 31))):
        async with house.database.begin() as connection:
            change = text("UPDATE retention_rule SET years = :years")
            await connection.execute(change, {"years": years})
        await house.sweep()
        (row,) = await house.rows()
        assert row.keep_until_on == until


async def test_what_is_removed_while_it_is_compared_does_not_come_back(
    house: House, kept: Receipt
) -> None:
    class Late(FileVault):
        """Its time is over, and it is removed, between two looks."""

        async def get(self, sha256: str) -> bytes | None:
            house.clock.advance(timedelta(days=4000))
            await remove_expired(tools=house.tools())
            return await super().get(sha256)

    house.clock.advance(CHECK_WITHIN)
    await check_kept(tools=house.tools(Late(house.root)))

    assert not house.file(kept.xml_sha256 or "").exists()
    assert await house.findings() == []


async def test_what_nobody_compared_in_time_is_counted(house: House, kept: Receipt) -> None:
    house.clock.advance(CHECK_WITHIN + timedelta(seconds=1))

    async def overdue() -> int:
        now = house.clock.now()
        async with house.open_keeping() as keeping:
            measured = await keeping.kept.measure(checked_before=now - CHECK_WITHIN, now=now)
        return measured.overdue

    assert await overdue() == 1
    await check_kept(tools=house.tools())
    assert await overdue() == 0


async def test_what_none_of_our_books_knows_is_found_in_the_vault(
    house: House, kept: Receipt
) -> None:
    stranger = b"<Stranger/>"
    await house.vault.put(sha256_hex(stranger), stranger)
    shelves = 0
    while await check_shelf(tools=house.tools()):
        shelves += 1

    assert shelves == 256
    assert await house.said() == [(KeepingReason.UNKNOWN_IN_VAULT, OPEN)]
    (finding,) = await house.findings()
    assert (finding.sha256, finding.receipt_id) == (sha256_hex(stranger), None)
    assert await house.vault.get(sha256_hex(stranger)) == stranger
