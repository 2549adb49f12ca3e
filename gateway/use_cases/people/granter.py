from dataclasses import dataclass
from typing import Self
from uuid import UUID

from gateway.domain.people.duties import agencies_of, reaches
from gateway.domain.people.errors import OutsideAgency
from gateway.domain.people.roles import EVERY_AGENCY, Role
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Granter:
    """Who hands out duties: a person on duty, or an operator at the machine (no `user_id`)."""

    actor: str
    user_id: UUID | None = None

    @classmethod
    def person(cls, user_id: UUID) -> Self:
        return cls(actor=f"user:{user_id}", user_id=user_id)

    @classmethod
    def operator(cls, name: str) -> Self:
        return cls(actor=f"operator:{name}")

    def is_called(self, username: str) -> bool:
        """An operator at the machine is known by the name they gave, and by nothing else."""
        return self.user_id is None and self.actor.casefold() == f"operator:{username}".casefold()

    async def agencies(self, uow: UnitOfWork) -> frozenset[str]:
        """Read in the transaction that grants: a duty withdrawn a moment ago counts no more."""
        if self.user_id is None:
            return frozenset({EVERY_AGENCY})
        return agencies_of(await uow.grants.list_live_of(self.user_id), Role.GRANTER)

    async def require_reach(self, agency: str, uow: UnitOfWork) -> None:
        if not reaches(await self.agencies(uow), agency):
            raise OutsideAgency(agency)
