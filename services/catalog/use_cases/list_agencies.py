from collections.abc import Sequence
from datetime import date

from services.catalog.domain.agency import Agency
from services.catalog.ports import Reading


async def list_agencies(*, on: date, after: str, limit: int, reading: Reading) -> Sequence[Agency]:
    async with reading:
        return await reading.agencies.list_in_force(on=on, after=after, limit=limit)
