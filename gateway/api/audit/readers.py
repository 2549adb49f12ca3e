"""Who reads the log's entries: they belong to no single agency, so neither does this duty."""

from typing import Final

from fastapi import Depends

from gateway.api.dependencies import SessionDep
from gateway.domain.people.duties import agencies_of
from gateway.domain.people.errors import RoleNeeded
from gateway.domain.people.roles import EVERY_AGENCY, Role

READERS: Final = (Role.AUDITOR, Role.OPERATOR)


async def _require_reader(session: SessionDep) -> None:
    if not any(EVERY_AGENCY in agencies_of(session.grants, role) for role in READERS):
        raise RoleNeeded(READERS)


READS_THE_LOG: Final = Depends(_require_reader)
