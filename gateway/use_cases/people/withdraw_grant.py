from uuid import UUID

from chassis.clock import Clock
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.duties import reaches
from gateway.domain.people.errors import GrantNotFound
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.granter import Granter


async def withdraw_grant(grant_id: UUID, *, by: Granter, uow: UnitOfWork, clock: Clock) -> None:
    """End a duty. It counts no more from the person's next request on."""
    async with uow:
        made = await uow.grants.get(grant_id)
        # Another agency's grants are as good as none.
        if not reaches(await by.agencies(uow), made.grant.agency):
            raise GrantNotFound
        if not await uow.grants.withdraw(grant_id, by=by.actor, at=clock.now()):
            raise GrantNotFound
        await uow.audit.add(
            AuditEntry(
                action="role.withdrawn",
                actor=by.actor,
                subject=f"grant:{grant_id}",
                details={
                    "user": str(made.user_id),
                    "role": made.grant.role.value,
                    "agency": made.grant.agency,
                },
            )
        )
