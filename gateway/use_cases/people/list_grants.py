from collections.abc import Sequence

from gateway.domain.people.roles import RoleGrant
from gateway.ports.people import GrantFilter
from gateway.ports.unit_of_work import UnitOfWork


async def list_grants(
    wanted: GrantFilter, *, limit: int, uow: UnitOfWork
) -> tuple[Sequence[RoleGrant], bool]:
    """The latest first, and whether older ones remain."""
    async with uow:
        found = await uow.grants.list_page(wanted, limit=limit + 1)
    return found[:limit], len(found) > limit
