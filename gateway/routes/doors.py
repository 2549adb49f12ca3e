"""Lets a caller in, or refuses: by signature, by session, or because the route is public."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.auth import Caller
from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.maintenance.errors import UnderMaintenance
from gateway.domain.people.account import Session
from gateway.domain.people.errors import RoleNeeded, SessionRefused
from gateway.ports.machines import SignatureChecks
from gateway.ports.maintenance import StandingWindows
from gateway.ports.unit_of_work import UnitOfWork
from gateway.routes.route import Demand, Found
from gateway.routes.step_up import require_step_up
from gateway.use_cases.machines.admit_signed_request import Admission, admit_signed_request
from gateway.use_cases.people.find_session import find_session

# The only level that arrives here: a registered key over the whole request.
SIGNED_LEVEL: Final = "P1"
BEARER: Final = "Bearer "


@dataclass(frozen=True, slots=True)
class Entry:
    """Who came in, and the evidence their request made, if it made any."""

    caller: Caller
    evidence_id: UUID | None = None
    session: Session | None = None


class Doors:
    def __init__(
        self,
        signatures: SignatureChecks,
        new_uow: Callable[[], UnitOfWork],
        *,
        windows: StandingWindows,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._signatures = signatures
        self._new_uow = new_uow
        self._windows = windows
        self._clock = clock
        self._ids = ids

    async def open(self, found: Found, arrival: Arrival) -> Entry:
        if found.route.opens_fee:
            await self._require_no_maintenance()
        demand = found.route.demand
        if demand is Demand.SIGNED_OR_SESSION:
            has_session = arrival.header("authorization") is not None
            demand = Demand.SESSION if has_session else Demand.SIGNED
        if demand is Demand.SIGNED:
            return await self._open_to_client(found, arrival)
        if demand is Demand.SESSION:
            return await self._open_to_user(found, arrival)
        return Entry(Caller(subject="public", kind="public", scopes=found.route.scopes))

    async def _require_no_maintenance(self) -> None:
        window = await self._windows.current()
        if window is not None:
            left = window.ends_at - self._clock.now()
            raise UnderMaintenance(until=window.ends_at, seconds_left=round(left.total_seconds()))

    async def _open_to_client(self, found: Found, arrival: Arrival) -> Entry:
        route = found.route
        assert route.signature is not None
        admission = Admission(
            signature=route.signature,
            evidence=route.evidence,
            provider=found.parameters.get("provider"),
        )
        admitted = await admit_signed_request(
            arrival,
            admission,
            signatures=self._signatures,
            uow=self._new_uow(),
            ids=self._ids,
        )
        evidence_id = admitted.evidence_id
        caller = Caller(
            subject=admitted.client.id,
            kind="client",
            client_id=admitted.client.id,
            scopes=route.scopes,
            evidence_id=str(evidence_id) if evidence_id else None,
            evidence_level=SIGNED_LEVEL if evidence_id else None,
        )
        return Entry(caller, evidence_id)

    async def _open_to_user(self, found: Found, arrival: Arrival) -> Entry:
        given = arrival.header("authorization") or ""
        if not given.startswith(BEARER):
            raise SessionRefused
        session = await find_session(
            given.removeprefix(BEARER), uow=self._new_uow(), at=self._clock.now()
        )
        # On a route that names no duty nobody acts on duty: an officer who pays their own fee is
        # a citizen there, and sees neither more nor less for the duties they hold elsewhere.
        held = [grant for grant in session.grants if grant.role in found.route.roles]
        if found.route.roles and not held:
            raise RoleNeeded(found.route.roles)
        require_step_up(
            session,
            acr=found.route.acr,
            fresh_within=found.route.fresh_within,
            now=self._clock.now(),
        )
        caller = Caller(
            subject=str(session.user_id),
            kind="user",
            scopes=found.route.scopes,
            assurance=session.acr.value,
            roles=frozenset(grant.role.value for grant in held),
            agencies=frozenset(grant.agency for grant in held),
        )
        return Entry(caller, session=session)
