"""Who tends the register: clients belong to no single agency, so neither does this duty."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends

from gateway.api.dependencies import SessionDep
from gateway.domain.people.duties import agencies_of
from gateway.domain.people.errors import RoleNeeded
from gateway.domain.people.roles import EVERY_AGENCY, Role

READERS: Final = (Role.KEY_REGISTRAR, Role.KEY_APPROVER, Role.AUDITOR)


def _officer(*roles: Role) -> Callable[[SessionDep], Awaitable[str]]:
    async def actor_of(session: SessionDep) -> str:
        if not any(EVERY_AGENCY in agencies_of(session.grants, role) for role in roles):
            raise RoleNeeded(roles)
        return f"user:{session.user_id}"

    return actor_of


RegistrarDep = Annotated[str, Depends(_officer(Role.KEY_REGISTRAR))]
ApproverDep = Annotated[str, Depends(_officer(Role.KEY_APPROVER))]
RevokerDep = Annotated[str, Depends(_officer(Role.KEY_REGISTRAR, Role.KEY_APPROVER))]
ReaderDep = Annotated[str, Depends(_officer(*READERS))]
