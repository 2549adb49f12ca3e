from services.catalog.domain.agency import Agency
from services.catalog.ports import Reading


async def get_agency(code: str, *, reading: Reading) -> Agency:
    async with reading:
        return await reading.agencies.get(code)
