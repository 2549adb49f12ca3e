from collections.abc import Sequence
from uuid import UUID

from chassis.clock import vietnam_date
from chassis.duties import Reach
from services.receipt.domain.series.delegation import Delegation
from services.receipt.domain.series.errors import RegistrationNotFound
from services.receipt.domain.series.life import SeriesLife
from services.receipt.domain.series.registration import Registration
from services.receipt.ports.series import PaperFilter, SeriesFilter
from services.receipt.use_cases.series.tools import SeriesTools


async def list_series(wanted: SeriesFilter, *, tools: SeriesTools) -> Sequence[SeriesLife]:
    async with tools.open_uow() as uow:
        return await uow.register.list_page(wanted)


async def list_registrations(wanted: PaperFilter, *, tools: SeriesTools) -> Sequence[Registration]:
    async with tools.open_uow() as uow:
        return await uow.registrations.list_page(wanted)


async def get_registration(
    registration_id: UUID, *, reach: Reach, tools: SeriesTools
) -> Registration:
    async with tools.open_uow() as uow:
        registration = await uow.registrations.get(registration_id)
    if not reach.covers(client_id=None, agency_code=registration.agency_code):
        raise RegistrationNotFound
    return registration


async def list_delegations(wanted: PaperFilter, *, tools: SeriesTools) -> Sequence[Delegation]:
    async with tools.open_uow() as uow:
        return await uow.delegations.list_page(wanted)


async def list_delegations_of(
    registration: Registration, *, tools: SeriesTools
) -> Sequence[Delegation]:
    """Those that its form names: in force when it was drafted, or later."""
    async with tools.open_uow() as uow:
        return await uow.delegations.list_of(
            registration.agency_code, from_day=vietnam_date(registration.drafted_at)
        )
