"""Wait for something another process will bring about."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Value = TypeVar("Value")


async def until(
    look: Callable[[], Awaitable[Value]], *, is_now: Value, seconds_max: float = 10
) -> None:
    """Look again and again; fail with the last value seen."""
    deadline = asyncio.get_running_loop().time() + seconds_max
    seen = await look()
    while seen != is_now:
        assert asyncio.get_running_loop().time() < deadline, f"still {seen}, not {is_now}"
        await asyncio.sleep(0.05)
        seen = await look()
