from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Final

from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.ports.discrepancies import CaseFilter
from services.payment.ports.unit_of_work import Reading

STREAMED_AT_ONCE: Final = 200


async def list_discrepancies(wanted: CaseFilter, *, reading: Reading) -> Sequence[Discrepancy]:
    """The latest first. Money nobody can place is for who answers for the account it came to."""
    async with reading:
        return await reading.discrepancies.list_page(wanted)


async def stream_discrepancies(
    wanted: CaseFilter, *, open_reading: Callable[[], Reading]
) -> AsyncIterator[Sequence[Discrepancy]]:
    """All of them, part by part; no connection is held while the reader takes its time."""
    wanted = replace(wanted, limit=STREAMED_AT_ONCE)
    while True:
        part = await list_discrepancies(wanted, reading=open_reading())
        if part:
            yield part
        if len(part) < STREAMED_AT_ONCE:
            return
        wanted = replace(wanted, before=part[-1].id)
