"""A clock that cannot be trusted moves no fee, and stops nobody from looking."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from chassis.clock import SystemClock
from chassis.db import Database
from chassis.testing import FrozenClock
from gateway.domain.traffic.errors import ClockOff
from gateway.routes.clock_watch import ClockWatch, moves_fees
from gateway.routes.table import ROUTES
from gateway.storage.database_clock import read_database_clock
from tests.gateway.world import World

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SUBMISSION = next(one for one in ROUTES if (one.method, one.path) == ("POST", "/v1/dossiers"))
LOOK_UP = next(one for one in ROUTES if one.path == "/v1/agencies")


def watch_of(*, other: datetime, answer_takes: timedelta = timedelta()) -> ClockWatch:
    clock = FrozenClock(NOW)

    async def read_other() -> datetime:
        clock.advance(answer_takes)
        return other

    return ClockWatch(read_other, clock=clock, difference_seconds_max=10)


@pytest.mark.parametrize("seconds", [-11, 11, 3600, -3600])
async def test_a_clock_too_far_off_stops_fees_and_alarms(seconds: int) -> None:
    watch = watch_of(other=NOW + timedelta(seconds=seconds))

    await watch.look()

    with pytest.raises(ClockOff):
        watch.require_right(SUBMISSION)
    watch.require_right(LOOK_UP)
    assert REGISTRY.get_sample_value("gateway_clock_off") == 1
    assert REGISTRY.get_sample_value("gateway_clock_difference_seconds") == abs(seconds)


@pytest.mark.parametrize("seconds", [-10, 0, 10])
async def test_ten_seconds_change_no_decision(seconds: int) -> None:
    watch = watch_of(other=NOW + timedelta(seconds=seconds))

    await watch.look()

    watch.require_right(SUBMISSION)
    assert REGISTRY.get_sample_value("gateway_clock_off") == 0


async def test_a_slow_database_is_no_wrong_clock() -> None:
    watch = watch_of(other=NOW + timedelta(seconds=1), answer_takes=timedelta(seconds=60))

    await watch.look()

    watch.require_right(SUBMISSION)


async def test_the_gateway_refuses_fees_until_its_clock_is_right_again(world: World) -> None:
    watch: ClockWatch = world.app.state.clock_watch
    requests = [world.dossier(), world.notification()]
    await watch.look()
    refused = [await world.send(request) for request in requests]
    seen = [
        await world.send(world.read("/v1/dossiers")),
        await world.http.get("/v1/agencies"),
        await world.http.get("/health/live"),
    ]

    world.clock.advance(await read_database_clock(world.database) - world.clock.now())
    await watch.look()
    let_in = await world.send(world.dossier())

    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (503, "clock_off")
        assert answer.headers["retry-after"] == "30"
    assert [answer.status_code for answer in seen] == [200, 200, 200]
    assert let_in.status_code == 200


async def test_the_databases_clock_is_read(database: Database) -> None:
    apart = await read_database_clock(database) - SystemClock().now()

    assert abs(apart) < timedelta(seconds=10)


def test_notices_and_every_signed_act_move_fees() -> None:
    moving = {(one.method, one.path) for one in ROUTES if moves_fees(one)}

    assert moving >= {
        ("POST", "/v1/dossiers"),
        ("POST", "/v1/provider-notifications/{provider}"),
        ("GET", "/v1/provider-notifications/{provider}"),
        ("POST", "/v1/payment-intents/{id}/confirmations"),
        ("POST", "/v1/confirmations/{id}/proof"),
    }
    assert ("GET", "/v1/payment-intents/{id}") not in moving
