"""Who holds which duty where. The door has seen that the caller hands out duties at all."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, StringConstraints, model_validator

from chassis.schemas import Page, PageSize
from gateway.api.dependencies import DutyDep, ToolsDep, UowDep, UserIdDep
from gateway.api.people.schemas import Username
from gateway.api.schemas import RequestBody
from gateway.domain.people.roles import AGENCY_PATTERN, EVERY_AGENCY, Grant, Role, RoleGrant
from gateway.ports.people import GrantFilter
from gateway.use_cases.people.grant_role import NewGrant, grant_role
from gateway.use_cases.people.granter import Granter
from gateway.use_cases.people.list_grants import list_grants
from gateway.use_cases.people.withdraw_grant import withdraw_grant

router = APIRouter(prefix="/v1/grants", tags=["duties"])

Agency = Annotated[str, StringConstraints(pattern=AGENCY_PATTERN)]


class GrantRoleBody(RequestBody):
    """For one person: `user_id` or `username`. `agency` is a code, or `*` for every agency."""

    user_id: UUID | None = None
    username: Username | None = None
    role: Role
    agency: Agency

    @model_validator(mode="after")
    def _names_one_person(self) -> Self:
        if (self.user_id is None) == (self.username is None):
            raise ValueError("name the person by user_id or by username")
        return self


class GrantBody(BaseModel):
    id: UUID
    user_id: UUID
    role: Role
    agency: str
    granted_by: str
    granted_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, made: RoleGrant) -> Self:
        return cls(
            id=made.id,
            user_id=made.user_id,
            role=made.grant.role,
            agency=made.grant.agency,
            granted_by=made.granted_by,
            granted_at=made.granted_at,
            withdrawn_by=made.withdrawn_by,
            withdrawn_at=made.withdrawn_at,
        )


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_grant(
    body: GrantRoleBody, user_id: UserIdDep, uow: UowDep, tools: ToolsDep
) -> GrantBody:
    """Give a duty to somebody else. It counts from their next request on."""
    new = NewGrant(
        grant=Grant(role=body.role, agency=body.agency),
        user_id=body.user_id,
        username=body.username,
    )
    by = Granter.person(user_id)
    return GrantBody.of(await grant_role(new, by=by, uow=uow, clock=tools.clock, ids=tools.ids))


@router.get("")
async def get_grant_page(
    duty: DutyDep,
    uow: UowDep,
    user_id: UUID | None = None,
    agency: Agency | None = None,
    role: Role | None = None,
    live: bool = True,
    cursor: Annotated[UUID | None, Query(description="next_cursor of the page before")] = None,
    limit: PageSize = 50,
) -> Page[GrantBody]:
    """The latest first, where the caller hands out duties; `live=false` shows ended ones too."""
    agencies = None if EVERY_AGENCY in duty.agencies else duty.agencies
    if agency is not None:
        agencies = frozenset({agency}) if agencies is None else agencies & {agency}
    wanted = GrantFilter(agencies=agencies, user_id=user_id, role=role, live=live, before=cursor)
    found, more = await list_grants(wanted, limit=limit, uow=uow)
    return Page(
        items=[GrantBody.of(one) for one in found],
        next_cursor=str(found[-1].id) if more else None,
    )


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_grant(id: UUID, user_id: UserIdDep, uow: UowDep, tools: ToolsDep) -> None:
    """Take a duty back. The person's next request is already without it."""
    await withdraw_grant(id, by=Granter.person(user_id), uow=uow, clock=tools.clock)
