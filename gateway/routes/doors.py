"""Lets a caller in, or refuses: by signature, by session, or because the route is public."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.auth import Caller
from chassis.card_numbers import refuse_card_numbers_in_body
from chassis.errors import Unauthenticated
from chassis.ids import Ids
from gateway.domain.callbacks.errors import CallbackRefused, NoSuchProvider, SourceRefused
from gateway.domain.callbacks.refusal import SpokenRefusal
from gateway.domain.callbacks.registration import ProviderRegistration
from gateway.domain.evidence.record import Evidence
from gateway.domain.machines.errors import ClientNotAllowed
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.maintenance.errors import UnderMaintenance
from gateway.domain.people.account import Session
from gateway.ports.callbacks import CallbackChecks
from gateway.ports.maintenance import StandingWindows
from gateway.ports.unit_of_work import UnitOfWork
from gateway.routes.client_door import ClientDoor
from gateway.routes.person_door import PersonDoor
from gateway.routes.route import Demand, Found
from gateway.routes.session_tokens import session_given
from gateway.use_cases.callbacks.admit_provider_notification import admit_provider_notification
from gateway.use_cases.machines.admit_token import presented_token

# The scheme whose notices come in as every machine's signed request does.
MESSAGE_SIGNATURES: Final = "rfc9421"


@dataclass(frozen=True, slots=True)
class Entry:
    """Who came in, and the evidence their request made, if it made any."""

    caller: Caller
    evidence_id: UUID | None = None
    session: Session | None = None


class Doors:
    def __init__(
        self,
        clients: ClientDoor,
        new_uow: Callable[[], UnitOfWork],
        *,
        callbacks: CallbackChecks,
        windows: StandingWindows,
        people: PersonDoor,
        ids: Ids,
    ) -> None:
        self._clients = clients
        self._new_uow = new_uow
        self._callbacks = callbacks
        self._windows = windows
        self._people = people
        self._ids = ids

    def word(self, found: Found, code: str) -> SpokenRefusal | None:
        """A refusal of a provider's notice in that provider's own form, if it has one."""
        if found.route.demand is not Demand.CALLBACK:
            return None
        return self._callbacks.word(found.parameters["provider"], code)

    async def open(self, found: Found, arrival: Arrival) -> Entry:
        if found.route.opens_fee:
            await self._require_no_maintenance(arrival.received_at)
        demand = found.route.demand
        if demand is Demand.SIGNED_OR_SESSION:
            in_session = session_given(arrival) and presented_token(arrival) is None
            demand = Demand.SESSION if in_session else Demand.SIGNED
        if demand is Demand.SIGNED:
            return await self._open_to_client(found, arrival)
        if demand is Demand.CALLBACK:
            return await self._open_to_provider(found, arrival)
        if demand is Demand.SESSION:
            return await self._open_to_person(found, arrival)
        return Entry(Caller(subject="public", kind="public", scopes=found.route.scopes))

    async def _open_to_person(self, found: Found, arrival: Arrival) -> Entry:
        person = await self._people.open(found.route, arrival)
        if found.route.evidence is None:
            return Entry(person.caller, session=person.session)
        if found.route.no_card_numbers:
            refuse_card_numbers_in_body(arrival.body)
        evidence = Evidence.of_person(person.session, id=self._ids.new(), arrival=arrival)
        uow = self._new_uow()
        async with uow:
            await uow.evidence.add(evidence)
        caller = replace(person.caller, evidence_id=str(evidence.id))
        return Entry(caller, evidence.id, session=person.session)

    async def _require_no_maintenance(self, now: datetime) -> None:
        window = await self._windows.current()
        if window is not None:
            left = window.ends_at - now
            raise UnderMaintenance(until=window.ends_at, seconds_left=round(left.total_seconds()))

    async def _open_to_client(self, found: Found, arrival: Arrival) -> Entry:
        caller, evidence_id = await self._clients.open(found, arrival)
        return Entry(caller, evidence_id)

    async def _open_to_provider(self, found: Found, arrival: Arrival) -> Entry:
        provider = found.parameters["provider"]
        registration = self._callbacks.find(provider)
        if registration is None or registration.scheme == MESSAGE_SIGNATURES:
            return await self._open_to_bank(found, arrival, registration)
        admitted = await admit_provider_notification(
            arrival,
            registration,
            callbacks=self._callbacks,
            uow=self._new_uow(),
            ids=self._ids,
        )
        caller = Caller(
            subject=registration.client_id,
            kind="client",
            client_id=registration.client_id,
            scopes=found.route.scopes,
            evidence_id=str(admitted.evidence_id),
            evidence_level=admitted.notice.level.value,
        )
        return Entry(caller, admitted.evidence_id)

    async def _open_to_bank(
        self, found: Found, arrival: Arrival, registration: ProviderRegistration | None
    ) -> Entry:
        """A provider without a file is one whose key is in the register of clients."""
        if registration and registration.networks and not registration.allows(arrival.source):
            raise SourceRefused
        try:
            if arrival.method != "POST":
                raise CallbackRefused("this provider sends its notices by POST")
            return await self._open_to_client(found, arrival)
        except (Unauthenticated, ClientNotAllowed) as refused:
            # Asked last, so that a notice that is in order costs no further look-up.
            if registration is None and not await self._is_known(found.parameters["provider"]):
                raise NoSuchProvider from refused
            raise

    async def _is_known(self, provider: str) -> bool:
        uow = self._new_uow()
        async with uow:
            return await uow.clients.has_provider(provider)
