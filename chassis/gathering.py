"""Calls that come while one is being served are served together by the next turn.

Alone, a call is served at once. Under load one transaction does the work of many, and whoever
asked waits no longer than for the turn before.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class _Call(Generic[Asked, Given]):
    asked: Asked
    answer: asyncio.Future[Given]


class Gathering(Generic[Asked, Given]):
    def __init__(
        self, serve: Callable[[Sequence[Asked]], Awaitable[Sequence[Given]]], *, at_most: int
    ) -> None:
        """`serve` answers each of up to `at_most` in their order, or does nothing and raises."""
        self._serve = serve
        self._at_most = at_most
        self._waiting: deque[_Call[Asked, Given]] = deque()
        self._serving: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Given:
        """What `serve` gives for this one, or the very error that it raises for it alone."""
        answer: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        call = _Call(asked, answer)
        self._waiting.append(call)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve_all(), name="gathering")
        return await call.answer

    async def _serve_all(self) -> None:
        while self._waiting:
            size = min(self._at_most, len(self._waiting))
            await self._serve_turn([self._waiting.popleft() for _ in range(size)])

    async def _serve_turn(self, turn: Sequence[_Call[Asked, Given]]) -> None:
        try:
            answers = await self._serve([call.asked for call in turn])
        except Exception as error:
            if len(turn) == 1:
                # Whoever stopped waiting has cancelled their answer.
                if not turn[0].answer.done():
                    turn[0].answer.set_exception(error)
                return
            # One that is refused must not take the others with it: each tries again alone.
            for call in turn:
                await self._serve_turn([call])
        except BaseException:
            for call in (*turn, *self._waiting):
                call.answer.cancel()
            raise
        else:
            for call, given in zip(turn, answers, strict=True):
                if not call.answer.done():
                    call.answer.set_result(given)
