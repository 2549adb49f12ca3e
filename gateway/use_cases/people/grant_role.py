from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.duties import (
    GRANTS_MAX,
    require_another_person,
    require_compatible,
    require_scope,
)
from gateway.domain.people.errors import AccountNotFound, SamePerson, TooManyGrants
from gateway.domain.people.roles import Grant, RoleGrant
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.granter import Granter


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGrant:
    """For one person, by id or by user name."""

    grant: Grant
    user_id: UUID | None = None
    username: str | None = None


async def grant_role(
    new: NewGrant, *, by: Granter, uow: UnitOfWork, clock: Clock, ids: Ids
) -> RoleGrant:
    """Give a duty to another person, unless it conflicts with one they hold for that agency."""
    require_scope(new.grant)
    async with uow:
        await by.require_reach(new.grant.agency, uow)
        user_id = await _person(new, uow)
        if by.user_id is not None:
            require_another_person(asked_by=user_id, decided_by=by.user_id)
        # Held until the end: of two conflicting grants made at the same time, one sees the other.
        account = await uow.accounts.get_for_update(user_id)
        if by.is_called(account.username):
            raise SamePerson
        held = await uow.grants.list_live_of(user_id)
        if len(held) >= GRANTS_MAX:
            raise TooManyGrants(GRANTS_MAX)
        require_compatible(new.grant, held)
        made = RoleGrant(
            id=ids.new(),
            user_id=user_id,
            grant=new.grant,
            granted_by=by.actor,
            granted_at=clock.now(),
        )
        await uow.grants.add(made)
        await uow.audit.add(
            AuditEntry(
                action="role.granted",
                actor=by.actor,
                subject=f"grant:{made.id}",
                details={
                    "user": str(user_id),
                    "role": made.grant.role.value,
                    "agency": made.grant.agency,
                },
            )
        )
    return made


async def _person(new: NewGrant, uow: UnitOfWork) -> UUID:
    if new.user_id is not None:
        return new.user_id
    account = await uow.accounts.find_by_username(new.username or "")
    if account is None:
        raise AccountNotFound
    return account.id
