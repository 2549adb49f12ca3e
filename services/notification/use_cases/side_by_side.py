"""Several tries at once, each brought to its end."""

import asyncio
from collections.abc import Coroutine, Iterable


async def side_by_side(tries: Iterable[Coroutine[None, None, None]]) -> None:
    """Neither a try that breaks nor a worker told to stop cuts off the others: a letter sent and
    not recorded would be sent twice."""
    running = asyncio.gather(*tries, return_exceptions=True)
    try:
        results = await asyncio.shield(running)
    except asyncio.CancelledError:
        await running
        raise
    for result in results:
        if isinstance(result, BaseException):
            raise result
