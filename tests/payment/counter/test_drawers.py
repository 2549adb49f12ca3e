from dataclasses import replace

import pytest

from chassis.db import Database
from chassis.duties import AnotherPersonNeeded, DutyNeeded, Reach
from chassis.idempotency import KeyReused
from chassis.money import Money
from services.payment.domain.counter.cash_drawer import ALLOWED, Difference, DrawerStatus
from services.payment.domain.counter.errors import (
    DrawerAlreadyOpen,
    DrawerNotOpen,
    NotYourDrawer,
    ReasonNeeded,
    ReceivedDiffers,
    ReservedDrawer,
)
from services.payment.domain.errors import IllegalTransition
from services.payment.ports.counter import WantedDrawers
from services.payment.storage.unit_of_work import SqlReading
from services.payment.use_cases.counter.list_drawers import list_drawers
from tests.payment.counter.desk import (
    ACCOUNTANT,
    COLLEAGUE,
    ELSEWHERE,
    OFFICER,
    Desk,
    a_request,
)
from tests.payment.readme import drawn_states
from tests.payment.world import SqlWorld

DRAWER = "cash:H19.25:Q1 VND"
SAFE = "cash:H19.25:safe VND"
DIFFERENCES = "cash-difference:H19.25 VND"


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(SqlWorld(database))


def test_the_readme_draws_the_table_of_states() -> None:
    steps = {(str(one), str(other)) for one, others in ALLOWED.items() for other in others}

    assert steps in [set(drawing) for drawing in drawn_states()]


async def test_an_officer_has_one_open_drawer_and_a_drawer_one_officer(desk: Desk) -> None:
    await desk.open()

    with pytest.raises(DrawerAlreadyOpen):
        await desk.open(drawer="Q2")
    with pytest.raises(DrawerAlreadyOpen):
        await desk.open(COLLEAGUE)
    await desk.open(COLLEAGUE, drawer="Q2")


async def test_a_drawer_is_used_again_only_when_its_cash_was_taken_over(desk: Desk) -> None:
    first = await desk.open()
    await desk.close(first.id, 500_000)

    with pytest.raises(DrawerAlreadyOpen):
        await desk.open()
    await desk.sign(first.id, 500_000)
    await desk.open()


async def test_opening_again_under_the_same_key_is_the_same_drawer(desk: Desk) -> None:
    request = a_request()
    first = await desk.open(idempotency_key=request.idempotency_key)
    again = await desk.open(idempotency_key=request.idempotency_key)

    assert again == first
    with pytest.raises(KeyReused):
        await desk.open(idempotency_key=request.idempotency_key, fingerprint="1" * 64)
    assert (await desk.world.balances())[DRAWER] == 500_000


async def test_the_safe_is_no_drawer(desk: Desk) -> None:
    with pytest.raises(ReservedDrawer):
        await desk.open(drawer="Safe")


async def test_only_the_officer_of_the_drawer_closes_it_and_only_another_person_signs(
    desk: Desk,
) -> None:
    drawer = await desk.open()

    with pytest.raises(NotYourDrawer):
        await desk.close(drawer.id, 500_000, caller=COLLEAGUE)
    with pytest.raises(DutyNeeded):
        await desk.close(drawer.id, 500_000, caller=ELSEWHERE)
    await desk.close(drawer.id, 500_000)
    with pytest.raises(DutyNeeded):
        await desk.sign(drawer.id, 500_000, caller=OFFICER)
    with pytest.raises(AnotherPersonNeeded):
        await desk.sign(drawer.id, 500_000, caller=replace(ACCOUNTANT, subject=OFFICER.subject))
    with pytest.raises(DutyNeeded):
        await desk.sign(drawer.id, 500_000, caller=replace(ACCOUNTANT, agencies=frozenset({"H01"})))
    assert (await desk.sign(drawer.id, 500_000)).signed_by == ACCOUNTANT.subject


async def test_no_drawer_is_signed_off_uncounted_or_counted_after_it(desk: Desk) -> None:
    drawer = await desk.open()

    with pytest.raises(IllegalTransition):
        await desk.sign(drawer.id, 500_000)
    await desk.close(drawer.id, 500_000)
    await desk.sign(drawer.id, 500_000)
    with pytest.raises(IllegalTransition):
        await desk.close(drawer.id, 400_000, "đếm lại")


async def test_a_difference_needs_its_reason_and_is_named(desk: Desk) -> None:
    drawer = await desk.open()
    await desk.cash(await desk.fee(), drawer)

    for silent in (None, " "):
        with pytest.raises(ReasonNeeded):
            await desk.close(drawer.id, 640_000, silent)
    assert (await desk.drawer(drawer.id)).status is DrawerStatus.OPEN
    closing = await desk.close(drawer.id, 640_000, "Trả nhầm tiền thừa")

    assert (closing.verdict, closing.difference) == (Difference.SHORT, Money(-10_000))
    assert closing.expected == Money(650_000)
    assert await desk.drawer(drawer.id) == closing


@pytest.mark.parametrize(
    ("counted", "verdict", "differences"),
    [
        (650_000, "exact", 0),
        (640_000, "short", 10_000),
        (655_000, "over", -5_000),
        (0, "short", 650_000),
    ],
)
async def test_what_was_counted_goes_into_the_safe_and_the_difference_into_the_books(
    desk: Desk, counted: int, verdict: str, differences: int
) -> None:
    drawer = await desk.open()
    await desk.cash(await desk.fee(), drawer, 200_000)
    before = await desk.world.balances()
    assert (before[DRAWER], before[SAFE]) == (650_000, -500_000)

    await desk.close(drawer.id, counted, None if verdict == "exact" else "kiểm đếm")
    assert await desk.world.balances() == before
    closed = await desk.sign(drawer.id, counted)
    assert await desk.sign(drawer.id, counted) == closed

    after = await desk.world.balances()
    assert closed.verdict == verdict
    assert after[DRAWER] == 0
    assert after[SAFE] == counted - 500_000
    assert after.get(DIFFERENCES, 0) == differences
    assert sum(after.values()) == 0


async def test_an_empty_drawer_closes_without_a_posting(desk: Desk) -> None:
    drawer = await desk.open(given=0)
    await desk.close(drawer.id, 0)
    await desk.sign(drawer.id, 0)

    assert await desk.world.counts() == (0, 0)


async def test_the_second_person_must_have_received_what_was_counted(desk: Desk) -> None:
    drawer = await desk.open()
    await desk.close(drawer.id, 490_000, "thiếu")

    with pytest.raises(ReceivedDiffers):
        await desk.sign(drawer.id, 500_000)
    recounted = await desk.close(drawer.id, 500_000)
    assert recounted.last_count is not None
    assert recounted.last_count.number == 2
    with pytest.raises(ReceivedDiffers):
        await desk.sign(drawer.id, 490_000)
    await desk.sign(drawer.id, 500_000)


async def test_closing_again_under_the_same_key_counts_once(desk: Desk) -> None:
    drawer, request = await desk.open(), a_request()

    first = await desk.close(drawer.id, 500_000, request=request)
    again = await desk.close(drawer.id, 500_000, request=request)

    assert again == first
    with pytest.raises(KeyReused):
        await desk.close(drawer.id, 1, "x", request=replace(request, fingerprint="1" * 64))


async def test_a_drawer_that_is_counted_takes_no_money(desk: Desk) -> None:
    drawer = await desk.open()
    intent = await desk.fee()
    await desk.close(drawer.id, 500_000)

    with pytest.raises(DrawerNotOpen):
        await desk.cash(intent, drawer)
    assert (await desk.world.get(intent.id)).payment is None
    assert (await desk.drawer(drawer.id)).taken == Money(0)


async def test_drawers_are_listed_by_agency_state_and_officer(desk: Desk) -> None:
    mine = await desk.open()
    theirs = await desk.open(COLLEAGUE, drawer="Q2")
    await desk.close(theirs.id, 500_000, caller=COLLEAGUE)

    async def listed(agencies: set[str] | None, **wanted: object) -> list[object]:
        reach = Reach(agencies=None if agencies is None else frozenset(agencies))
        found = await list_drawers(
            WantedDrawers(reach=reach, **wanted),  # type: ignore[arg-type]
            reading=SqlReading(desk.world.database),
        )
        return [one.id for one in found]

    assert await listed({"H19.25"}) == [theirs.id, mine.id]
    assert await listed({"H01"}) == []
    assert await listed(None, status=DrawerStatus.OPEN) == [mine.id]
    assert await listed(None, officer=COLLEAGUE.subject) == [theirs.id]
    assert await listed(None, before=theirs.id) == [mine.id]
