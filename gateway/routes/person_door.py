"""The door for people: a session, what it was opened with, and the duties of whoever holds it."""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.auth import Caller
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.people.account import Session
from gateway.domain.people.errors import RoleNeeded
from gateway.ports.unit_of_work import UnitOfWork
from gateway.routes.route import Route
from gateway.routes.session_tokens import (
    repairs_sign_in,
    require_own_page,
    token_of,
)
from gateway.routes.step_up import require_step_up
from gateway.use_cases.people.find_session import find_session


@dataclass(frozen=True, slots=True)
class Person:
    caller: Caller
    session: Session


class PersonDoor:
    def __init__(self, new_uow: Callable[[], UnitOfWork], *, public_origin: str) -> None:
        self._new_uow = new_uow
        self._public_origin = public_origin

    async def open(self, route: Route, arrival: Arrival) -> Person:
        token, by_cookie = token_of(arrival)
        now = arrival.received_at
        session = await find_session(token, uow=self._new_uow(), at=now)
        if by_cookie:
            require_own_page(arrival, session, public_origin=self._public_origin)
        repairing = repairs_sign_in(session, route)
        # On a route that names no duty nobody acts on duty: an officer who pays their own fee is
        # a citizen there, and sees neither more nor less for the duties they hold elsewhere.
        held = [grant for grant in session.grants if grant.role in route.roles]
        if route.roles and not held:
            raise RoleNeeded(route.roles)
        if not repairing:
            require_step_up(session, acr=route.acr, fresh_within=route.fresh_within, now=now)
        caller = Caller(
            subject=str(session.user_id),
            kind="user",
            scopes=route.scopes,
            assurance=session.acr.value,
            roles=frozenset(grant.role.value for grant in held),
            agencies=frozenset(grant.agency for grant in held),
        )
        return Person(caller, session)
