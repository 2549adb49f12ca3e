"""Nothing before its time, nothing on hold, nothing unless it is switched on."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.auth import Caller
from chassis.clock import vietnam_date
from chassis.duties import AnotherPersonNeeded, Reach
from chassis.ids import SystemIds
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.keeping.errors import (
    HoldNamesNothing,
    LegalHoldNotFound,
    VaultUnavailable,
)
from services.receipt.domain.keeping.finding import KeepingReason, KeepingState
from services.receipt.domain.keeping.hold import LegalHold
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.keeping import Expired
from services.receipt.providers.vaults.files import FileVault
from services.receipt.schedules.keeping import KeepingWatch
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.use_cases.keeping.expire import list_expired, remove_expired
from services.receipt.use_cases.keeping.hold import WantedHold, place_hold, release_hold
from tests.receipt.keeping.house import House

LAST_DAY = datetime(2036, 12, 31, 16, 59, 59, tzinfo=UTC)
DAY_OF_ISSUE = date(2026, 11, 23)
LAN = Caller(
    subject="lan",
    kind="user",
    scopes=frozenset({"receipt.keep"}),
    roles=frozenset({"accountant"}),
    agencies=frozenset({"H19.25"}),
)
MINH = replace(LAN, subject="minh")


@dataclass
class Desk:
    """Where holds are placed and released."""

    house: House

    async def place(self, by: Caller = LAN, **words: Any) -> LegalHold:
        wanted = WantedHold(by=by.subject, reason="khiếu nại", **words)
        return await place_hold(
            wanted,
            reach=Reach.of_officer(by),
            archive=SqlArchive(self.house.database),
            open_keeping=self.house.open_keeping,
            clock=self.house.clock,
            ids=SystemIds(self.house.clock),
        )

    async def release(self, hold_id: UUID, by: Caller = MINH) -> LegalHold:
        return await release_hold(
            hold_id,
            by=by,
            note="đã giải quyết",
            reach=Reach.of_officer(by),
            open_keeping=self.house.open_keeping,
            clock=self.house.clock,
        )

    async def expired(self) -> list[Expired]:
        return list(
            await list_expired(
                Reach.everything(),
                after=None,
                limit=50,
                open_keeping=self.house.open_keeping,
                clock=self.house.clock,
            )
        )

    async def remove(self) -> int:
        return await remove_expired(tools=self.house.tools())

    def after_its_time(self) -> None:
        self.house.clock.advance(LAST_DAY - self.house.clock.now() + timedelta(seconds=1))

    def there(self, receipt: Receipt) -> bool:
        return self.house.file(receipt.xml_sha256 or "").exists()


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
async def kept(house: House) -> Receipt:
    (receipt,) = await house.issue()
    await house.keep()
    return receipt


async def test_on_its_last_day_it_is_kept_and_on_the_next_it_may_go(
    desk: Desk, kept: Receipt
) -> None:
    original = await desk.house.stored(kept.id)
    desk.house.clock.advance(LAST_DAY - desk.house.clock.now())
    assert (await desk.remove(), await desk.expired(), desk.there(kept)) == (0, [], True)
    desk.house.clock.advance(timedelta(seconds=1))
    assert await desk.expired() == [
        Expired(
            receipt_id=kept.id,
            agency_code="H19.25",
            keep_until=date(2036, 12, 31),
            documents=1,
            on_hold=False,
        )
    ]

    assert (await desk.remove(), desk.there(kept)) == (1, False)
    assert (await desk.remove(), await desk.expired()) == (0, [])
    assert await desk.house.stored(kept.id) == original, "the database keeps its own"
    await desk.house.sweep()
    assert await desk.house.findings() == [], "what was removed is not missed"


async def test_unless_it_is_switched_on_it_is_only_listed(desk: Desk, kept: Receipt) -> None:
    house = desk.house
    desk.after_its_time()
    watch = KeepingWatch(
        open_keeping=house.open_keeping,
        vault=house.vault,
        clock=house.clock,
        ids=SystemIds(),
        check_days=30,
        deletes=False,
    )
    await watch.expire()
    assert desk.there(kept)

    await replace(watch, deletes=True).expire()
    assert not desk.there(kept)


@pytest.mark.parametrize(
    "words",
    [
        {"agency_code": "H19.25", "from_day": DAY_OF_ISSUE, "to_day": DAY_OF_ISSUE},
        {"agency_code": "H19.25", "from_day": date(2020, 1, 1)},
        {},
    ],
)
async def test_a_hold_prevents_removal_until_another_person_releases_it(
    desk: Desk, kept: Receipt, words: dict[str, Any]
) -> None:
    hold = await desk.place(**words or {"receipt_id": kept.id})
    desk.after_its_time()
    assert (await desk.remove(), desk.there(kept)) == (0, True)
    (expired,) = await desk.expired()
    assert expired.on_hold
    with pytest.raises(AnotherPersonNeeded):
        await desk.release(hold.id, by=LAN)
    assert (await desk.remove(), desk.there(kept)) == (0, True)

    released = await desk.release(hold.id)
    assert (released.released_by, released.release_note) == ("minh", "đã giải quyết")
    assert (await desk.remove(), desk.there(kept)) == (1, False)


@pytest.mark.parametrize(
    "words",
    [
        {"agency_code": "H19.31", "from_day": date(2020, 1, 1)},
        {"agency_code": "H19.25", "from_day": DAY_OF_ISSUE + timedelta(days=1)},
        {
            "agency_code": "H19.25",
            "from_day": date(2020, 1, 1),
            "to_day": DAY_OF_ISSUE - timedelta(days=1),
        },
    ],
)
async def test_a_hold_on_something_else_holds_nothing_here(
    desk: Desk, kept: Receipt, words: dict[str, Any]
) -> None:
    await desk.place(by=replace(LAN, agencies=frozenset({"*"})), **words)
    desk.after_its_time()

    assert (await desk.remove(), desk.there(kept)) == (1, False)


async def test_of_two_holds_each_keeps_it(desk: Desk, kept: Receipt) -> None:
    one = await desk.place(receipt_id=kept.id)
    other = await desk.place(by=MINH, agency_code="H19.25", from_day=DAY_OF_ISSUE)
    desk.after_its_time()
    await desk.release(one.id)
    assert (await desk.remove(), desk.there(kept)) == (0, True)

    await desk.release(other.id, by=LAN)
    assert (await desk.remove(), desk.there(kept)) == (1, False)


async def test_a_hold_takes_back_what_was_decided_and_even_what_was_already_done(
    desk: Desk, kept: Receipt
) -> None:
    class Slow(FileVault):
        """A hold is placed between the decision and its doing."""

        async def delete(self, sha256: str) -> None:
            await desk.place(receipt_id=kept.id)
            await super().delete(sha256)

    desk.after_its_time()
    await remove_expired(tools=desk.house.tools(Slow(desk.house.root)))
    assert not desk.there(kept)
    await desk.house.sweep()

    assert desk.there(kept)
    assert await desk.house.said() == [(KeepingReason.MISSING_IN_VAULT, KeepingState.REPAIRED)]
    assert (await desk.remove(), desk.there(kept)) == (0, True)


async def test_a_store_that_refuses_keeps_nothing_else_waiting_and_is_asked_again(
    desk: Desk,
) -> None:
    first, second = await desk.house.issue(2)
    await desk.house.keep()

    class Locked(FileVault):
        async def delete(self, sha256: str) -> None:
            if sha256 == first.xml_sha256:
                raise VaultUnavailable("AccessDenied")
            await super().delete(sha256)

    desk.after_its_time()
    assert await remove_expired(tools=desk.house.tools(Locked(desk.house.root))) == 1
    assert (desk.there(first), desk.there(second)) == (True, False)

    assert (await desk.remove(), desk.there(first)) == (1, False)


async def test_bytes_that_another_document_shares_stay(desk: Desk, kept: Receipt) -> None:
    house = desk.house
    page = await house.add_page(kept, b"%PDF-1.7 the same")
    await house.keep()
    house.clock.advance(timedelta(days=400))
    (later,) = await house.issue()
    await house.add_page(later, b"%PDF-1.7 the same")
    await house.keep()
    desk.after_its_time()
    await desk.remove()

    assert not desk.there(kept)
    assert (desk.there(later), house.file(page.sha256).exists()) == (True, True)


async def test_a_hold_names_one_thing_and_only_of_ones_own(desk: Desk, kept: Receipt) -> None:
    elsewhere = replace(LAN, agencies=frozenset({"H19.31"}))
    unclear: list[dict[str, Any]] = [
        {},
        {"agency_code": "H19.25"},
        {"from_day": DAY_OF_ISSUE},
        {"receipt_id": kept.id, "to_day": DAY_OF_ISSUE},
        {"receipt_id": kept.id, "agency_code": "H19.25", "from_day": DAY_OF_ISSUE},
        {"agency_code": "H19.25", "from_day": DAY_OF_ISSUE, "to_day": date(2020, 1, 1)},
    ]
    for words in unclear:
        with pytest.raises(HoldNamesNothing):
            await desk.place(**words)
    not_theirs: list[dict[str, Any]] = [
        {"receipt_id": kept.id},
        {"agency_code": "H19.25", "from_day": DAY_OF_ISSUE},
    ]
    for words in not_theirs:
        with pytest.raises(ReceiptNotFound):
            await desk.place(by=elsewhere, **words)
    with pytest.raises(ReceiptNotFound):
        await desk.place(receipt_id=SystemIds().new())
    hold = await desk.place(receipt_id=kept.id)
    with pytest.raises(LegalHoldNotFound):
        await desk.release(hold.id, by=replace(elsewhere, subject="other"))


async def test_holds_and_removals_go_through_the_gate_one_by_one(desk: Desk) -> None:
    """While removals are decided a hold waits, and so it is never answered too early."""
    house = desk.house
    (receipt,) = await house.issue()
    await house.keep()
    desk.after_its_time()
    now = house.clock.now()

    async with house.open_keeping() as deciding:
        await deciding.holds.close_gate()
        placing = asyncio.create_task(desk.place(receipt_id=receipt.id))
        _, waiting = await asyncio.wait([placing], timeout=0.5)
        assert waiting, "the hold was placed while removals were being decided"
        decided = await deciding.kept.decide_removals(today=vietnam_date(now), now=now, limit=9)
        assert decided == 1
    await placing

    assert (await desk.remove(), desk.there(receipt)) == (0, True)
