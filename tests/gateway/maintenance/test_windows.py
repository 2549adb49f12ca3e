from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from chassis.testing import FakeIds, FrozenClock
from gateway.domain.errors import IllegalTransition
from gateway.domain.maintenance.errors import (
    AnnouncedTooLate,
    EndsBeforeStart,
    StopTooLong,
    WindowsOverlap,
)
from gateway.domain.maintenance.policy import MaintenancePolicy, policy_at
from gateway.domain.maintenance.window import (
    STANDING,
    WINDOW_ALLOWED,
    MaintenanceWindow,
    WindowState,
)
from gateway.use_cases.maintenance.announce_window import PlannedStop, announce_window
from gateway.use_cases.maintenance.cancel_window import cancel_window
from gateway.use_cases.maintenance.end_window import end_window
from gateway.use_cases.maintenance.keep_windows import keep_windows
from tests.gateway.fakes import FakeUnitOfWork

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
START = NOW + timedelta(hours=48)
HOUR = timedelta(hours=1)


def a_stop(*, starts_at: datetime = START, lasting: timedelta = 2 * HOUR) -> PlannedStop:
    return PlannedStop(
        starts_at=starts_at, ends_at=starts_at + lasting, reason_vi="Nâng cấp", reason_en="Upgrade"
    )


class House:
    def __init__(self) -> None:
        self.uow = FakeUnitOfWork()
        self.clock = FrozenClock(NOW)
        self.ids = FakeIds()

    async def announce(self, stop: PlannedStop) -> MaintenanceWindow:
        return await announce_window(
            stop, actor="user:1", uow=self.uow, clock=self.clock, ids=self.ids
        )

    async def keep_at(self, moment: datetime) -> None:
        self.clock.advance(moment - self.clock.now())
        await keep_windows(uow=self.uow, clock=self.clock)

    def said(self) -> list[str]:
        return [event.type for event in self.uow.outbox.events]

    def audited(self) -> list[str]:
        return [entry.action for entry in self.uow.audit.entries]

    def window(self, id: UUID) -> MaintenanceWindow:
        return self.uow.maintenance_windows.rows[id]


async def test_a_stop_announced_in_time_and_short_enough_is_told_to_everybody() -> None:
    house = House()

    window = await house.announce(a_stop(lasting=3 * HOUR))

    assert window.state is WindowState.ANNOUNCED
    assert house.said() == ["maintenance.announced.v1"]
    assert house.audited() == ["maintenance.announced"]


async def test_longer_than_three_hours_is_refused() -> None:
    with pytest.raises(StopTooLong):
        await House().announce(a_stop(lasting=3 * HOUR + timedelta(seconds=1)))


async def test_announced_less_than_a_day_before_is_refused() -> None:
    with pytest.raises(AnnouncedTooLate):
        await House().announce(a_stop(starts_at=NOW + 24 * HOUR - timedelta(seconds=1)))


async def test_a_stop_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(EndsBeforeStart):
        await House().announce(a_stop(lasting=timedelta(0)))


async def test_two_stops_do_not_cross() -> None:
    house = House()
    await house.announce(a_stop())

    with pytest.raises(WindowsOverlap):
        await house.announce(a_stop(starts_at=START + HOUR))
    await house.announce(a_stop(starts_at=START + 2 * HOUR))


async def test_the_policy_of_the_day_the_stop_begins_decides() -> None:
    strict = MaintenancePolicy(since=date(2026, 11, 25), longest=HOUR, notice=HOUR)
    mild = MaintenancePolicy(since=date(2026, 1, 1), longest=3 * HOUR, notice=HOUR)
    last_moment = datetime(2026, 11, 24, 16, 59, 59, tzinfo=UTC)

    assert policy_at(last_moment, (mild, strict)) is mild
    # Midnight in Vietnam is five in the afternoon, UTC.
    assert policy_at(last_moment + timedelta(seconds=1), (mild, strict)) is strict
    assert policy_at(datetime(2020, 1, 1, tzinfo=UTC), (mild, strict)) is mild


async def test_the_worker_starts_and_ends_a_stop_on_time() -> None:
    house = House()
    window = await house.announce(a_stop())

    await house.keep_at(START - timedelta(seconds=1))
    assert house.window(window.id).state is WindowState.ANNOUNCED
    await house.keep_at(START + timedelta(seconds=4))
    assert house.window(window.id).state is WindowState.STARTED
    await house.keep_at(START + 2 * HOUR + timedelta(seconds=3))

    ended = house.window(window.id)
    assert (ended.started_at, ended.ended_at) == (START, START + 2 * HOUR)
    assert house.said()[1:] == ["maintenance.started.v1", "maintenance.ended.v1"]
    assert house.audited()[1:] == ["maintenance.started", "maintenance.ended"]


async def test_a_worker_that_slept_through_a_stop_says_both_with_the_planned_times() -> None:
    house = House()
    window = await house.announce(a_stop())

    await house.keep_at(START + 10 * HOUR)
    await house.keep_at(START + 11 * HOUR)

    ended = house.window(window.id)
    assert (ended.started_at, ended.ended_at) == (START, START + 2 * HOUR)
    assert len(house.said()) == 3


async def test_doors_go_by_the_planned_time_whatever_the_worker_does() -> None:
    house = House()
    window = await house.announce(a_stop())

    assert not window.holds_at(START - timedelta(seconds=1))
    assert window.holds_at(START)
    assert not window.holds_at(START + 2 * HOUR)


async def test_an_operator_may_end_a_stop_early() -> None:
    house = House()
    window = await house.announce(a_stop())
    house.clock.advance(START + HOUR - NOW)

    ended = await end_window(window.id, actor="user:2", uow=house.uow, clock=house.clock)

    assert (ended.state, ended.ended_at) == (WindowState.ENDED, START + HOUR)
    assert not ended.holds_at(START + HOUR)
    assert house.said()[1:] == ["maintenance.started.v1", "maintenance.ended.v1"]


async def test_a_stop_is_called_off_before_it_begins_and_not_after() -> None:
    house = House()
    first = await house.announce(a_stop())
    second = await house.announce(a_stop(starts_at=START + 24 * HOUR))

    cancelled = await cancel_window(first.id, actor="user:1", uow=house.uow, clock=house.clock)
    await house.keep_at(START + 24 * HOUR)

    assert not cancelled.holds_at(START)
    with pytest.raises(IllegalTransition):
        await cancel_window(second.id, actor="user:1", uow=house.uow, clock=house.clock)
    with pytest.raises(IllegalTransition):
        await end_window(first.id, actor="user:1", uow=house.uow, clock=house.clock)


@pytest.mark.parametrize("state", list(WindowState))
def test_only_a_standing_window_can_move_on(state: WindowState) -> None:
    assert bool(WINDOW_ALLOWED[state]) == (state in STANDING)
