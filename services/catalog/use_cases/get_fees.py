from datetime import date

from services.catalog.domain.errors import NoFeesOnThatDay
from services.catalog.domain.fee_schedule import FeeSchedule
from services.catalog.ports import Reading


async def get_fees(procedure_code: str, *, on: date, reading: Reading) -> FeeSchedule:
    """The one schedule that holds on that day, past days included."""
    async with reading:
        await reading.procedures.get(procedure_code)
        schedule = await reading.fee_schedules.find_on(procedure_code, on)
    if schedule is None:
        raise NoFeesOnThatDay(procedure_code, on)
    return schedule
