from collections.abc import Sequence
from uuid import UUID

from gateway.domain.maintenance.window import MaintenanceWindow
from gateway.ports.unit_of_work import UnitOfWork


async def list_windows(
    *, before: UUID | None, limit: int, uow: UnitOfWork
) -> Sequence[MaintenanceWindow]:
    """Every stop there was and will be, newest first."""
    async with uow:
        return await uow.maintenance_windows.list_latest(before=before, limit=limit)
