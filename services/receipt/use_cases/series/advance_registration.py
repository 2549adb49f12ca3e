"""What a person says of a registration that they carried to the tax portal."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from chassis.clock import vietnam_date
from chassis.duties import Reach
from services.receipt.domain.series.errors import RegistrationNotFound
from services.receipt.domain.series.registration import Registration
from services.receipt.use_cases.series.tools import SeriesTools


async def submit_registration(
    registration_id: UUID, *, reach: Reach, tools: SeriesTools
) -> Registration:
    today = vietnam_date(tools.clock.now())
    return await _advance(registration_id, lambda one: one.submit(today), reach, tools)


async def answer_registration(
    registration_id: UUID,
    *,
    accepted: bool,
    on: date,
    answer: str,
    reach: Reach,
    tools: SeriesTools,
) -> Registration:
    """`answer`: the number of the tax office's notice, or why it refused."""
    return await _advance(
        registration_id,
        lambda one: one.answered(accepted=accepted, on=on, answer=answer),
        reach,
        tools,
    )


async def _advance(
    registration_id: UUID,
    step: Callable[[Registration], Registration],
    reach: Reach,
    tools: SeriesTools,
) -> Registration:
    async with tools.open_uow() as uow:
        registration = await uow.registrations.get_for_update(registration_id)
        if not reach.covers(client_id=None, agency_code=registration.agency_code):
            raise RegistrationNotFound
        advanced = step(registration)
        await uow.registrations.save(advanced)
    return advanced
