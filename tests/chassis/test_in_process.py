import json
from pathlib import Path
from uuid import UUID

from chassis.in_process import InProcessTransport
from chassis.transport import Delivery, Outgoing, Unprocessable

EVENT = Outgoing(id=UUID(int=1), type="thing.happened.v1", body=b"{}")


async def test_publishing_ends_when_every_subscriber_has_dealt_with_it() -> None:
    transport = InProcessTransport()
    seen: list[str] = []

    async def first(delivery: Delivery) -> None:
        seen.append("first")

    async def second(delivery: Delivery) -> None:
        seen.append("second")

    await transport.subscribe("a", ["thing.happened.v1"], first)
    await transport.subscribe("b", ["thing.happened.v1"], second)
    await transport.publish([EVENT])

    assert sorted(seen) == ["first", "second"]


async def test_a_failure_is_tried_again_and_then_parked(tmp_path: Path) -> None:
    transport = InProcessTransport(dead_letters=tmp_path, delays_milliseconds=(1, 1))
    attempts: list[int] = []

    async def failing(delivery: Delivery) -> None:
        attempts.append(delivery.attempt)
        raise ConnectionError("database is away")

    await transport.subscribe("a", ["thing.happened.v1"], failing)
    await transport.publish([EVENT])

    assert attempts == [1, 2, 3]
    (letter,) = tmp_path.iterdir()
    assert json.loads(letter.read_text())["service"] == "a"


async def test_what_can_never_work_is_parked_at_once(tmp_path: Path) -> None:
    transport = InProcessTransport(dead_letters=tmp_path)
    attempts: list[int] = []

    async def refusing(delivery: Delivery) -> None:
        attempts.append(delivery.attempt)
        raise Unprocessable("unreadable")

    await transport.subscribe("a", ["thing.happened.v1"], refusing)
    await transport.publish([EVENT])

    assert attempts == [1]
    assert len(list(tmp_path.iterdir())) == 1
