import asyncio
from collections.abc import Sequence

import pytest

from chassis.gathering import Gathering


class Kitchen:
    """Doubles what is ordered, one turn at a time, and remembers the turns."""

    def __init__(self, *, at_most: int = 10) -> None:
        self.turns: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.gathering = Gathering(self.serve, at_most=at_most)

    async def serve(self, orders: Sequence[int]) -> Sequence[int]:
        self.turns.append(list(orders))
        await self.open.wait()
        if any(order < 0 for order in orders):
            raise ValueError(f"{min(orders)} cannot be served")
        return [2 * order for order in orders]


async def test_a_call_alone_is_served_at_once() -> None:
    kitchen = Kitchen()

    assert await kitchen.gathering.ask(3) == 6
    assert await kitchen.gathering.ask(4) == 8
    assert kitchen.turns == [[3], [4]]


async def test_calls_that_come_meanwhile_are_served_together_and_within_the_bound() -> None:
    kitchen = Kitchen(at_most=2)
    kitchen.open.clear()
    calls = [asyncio.create_task(kitchen.gathering.ask(1))]
    await asyncio.sleep(0.01)
    calls += [asyncio.create_task(kitchen.gathering.ask(order)) for order in (2, 3, 4)]
    await asyncio.sleep(0.01)
    kitchen.open.set()

    assert await asyncio.gather(*calls) == [2, 4, 6, 8]
    assert kitchen.turns == [[1], [2, 3], [4]]


async def test_one_that_is_refused_takes_nobody_with_it() -> None:
    kitchen = Kitchen()

    answers = await asyncio.gather(
        *(kitchen.gathering.ask(order) for order in (1, -2, 3)), return_exceptions=True
    )

    assert (answers[0], answers[2]) == (2, 6)
    assert isinstance(answers[1], ValueError)
    # Together once, then each alone; a refusal that was alone is not tried again.
    assert kitchen.turns == [[1, -2, 3], [1], [-2], [3]]


async def test_who_stops_waiting_changes_nothing_for_the_others() -> None:
    kitchen = Kitchen()
    kitchen.open.clear()
    impatient = asyncio.create_task(kitchen.gathering.ask(1))
    patient = asyncio.create_task(kitchen.gathering.ask(2))
    await asyncio.sleep(0.01)
    impatient.cancel()
    kitchen.open.set()

    assert await patient == 4
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await kitchen.gathering.ask(5) == 10
