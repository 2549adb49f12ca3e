from services.catalog.domain.procedure import Procedure
from services.catalog.ports import Reading


async def get_procedure(code: str, *, reading: Reading) -> Procedure:
    async with reading:
        return await reading.procedures.get(code)
