from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from chassis.auth import Caller
from chassis.clock import Clock
from chassis.duties import Reach, is_officer
from chassis.ids import Ids
from gateway.api.confirming.tools import CertificateTools
from gateway.domain.people.account import Session
from gateway.domain.people.errors import SessionRefused
from gateway.ports.confirming import Payments, ShownTexts
from gateway.ports.evidence import BundleSigner, Receipts, TimeStamps
from gateway.ports.maintenance import Probe
from gateway.ports.people import DeviceProofs, Federations, OneTimeCodes, Passkeys, Passwords
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.confirming.bind_certificate import BindingTools
from gateway.use_cases.confirming.open_confirmation import OpeningTools
from gateway.use_cases.confirming.proving import ProvingTools
from gateway.use_cases.evidence.export_evidence import ExportTools
from gateway.use_cases.people.begin_federation_login import FederationTools
from gateway.use_cases.people.open_account import AccountTools
from gateway.use_cases.people.register_passkey import PasskeyTools


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything the routes hand to use cases; built once, in main."""

    new_uow: Callable[[], UnitOfWork]
    passwords: Passwords
    passkeys: Passkeys
    federations: Federations
    codes: OneTimeCodes
    proofs: DeviceProofs
    certificates: CertificateTools
    texts: ShownTexts
    payments: Payments
    receipts: Receipts
    signer: BundleSigner
    time_stamps: TimeStamps | None
    evidence_wait_seconds: float
    audience: str
    probe: Probe
    clock: Clock
    ids: Ids

    @property
    def account(self) -> AccountTools:
        return AccountTools(
            passwords=self.passwords, codes=self.codes, clock=self.clock, ids=self.ids
        )

    @property
    def exporting(self) -> ExportTools:
        return ExportTools(
            payments=self.payments,
            receipts=self.receipts,
            signer=self.signer,
            time_stamps=self.time_stamps,
            clock=self.clock,
            wait_seconds=self.evidence_wait_seconds,
        )

    @property
    def opening(self) -> OpeningTools:
        return OpeningTools(
            payments=self.payments,
            texts=self.texts,
            audience=self.audience,
            clock=self.clock,
            ids=self.ids,
        )

    @property
    def federation(self) -> FederationTools:
        return FederationTools(
            federations=self.federations, codes=self.codes, clock=self.clock, ids=self.ids
        )

    @property
    def passkey(self) -> PasskeyTools:
        return PasskeyTools(passkeys=self.passkeys, clock=self.clock, ids=self.ids)

    @property
    def proving(self) -> ProvingTools:
        return ProvingTools(
            codes=self.codes,
            proofs=self.proofs,
            passkeys=self.passkeys,
            certificates=self.certificates.signatures,
            revocation=self.certificates.revocation,
            payments=self.payments,
            clock=self.clock,
            ids=self.ids,
        )

    @property
    def binding(self) -> BindingTools:
        return BindingTools(
            certificates=self.certificates.signatures,
            revocation=self.certificates.revocation,
            clock=self.clock,
            ids=self.ids,
        )


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.tools
    return tools


async def _uow(request: Request) -> UnitOfWork:
    return (await _tools(request)).new_uow()


async def _session(request: Request) -> Session:
    session = request.scope.get("session")
    if not isinstance(session, Session):
        raise SessionRefused
    return session


async def _user_id(request: Request) -> UUID:
    return (await _session(request)).user_id


async def _duty(request: Request) -> Caller:
    caller = request.scope.get("caller")
    if not isinstance(caller, Caller) or not caller.roles:
        raise SessionRefused
    return caller


async def _actor(request: Request) -> str:
    """Who the audit log names for what this request changes."""
    return f"user:{await _user_id(request)}"


async def _client_id(request: Request) -> str:
    caller = request.scope.get("caller")
    if not isinstance(caller, Caller) or caller.client_id is None:
        raise SessionRefused
    return caller.client_id


async def _reach(request: Request) -> Reach:
    """A client's own, or what belongs to the agencies of a person on duty."""
    caller = request.scope.get("caller")
    if isinstance(caller, Caller) and is_officer(caller):
        return Reach.of_officer(caller)
    return Reach.of_client(await _client_id(request))


ToolsDep = Annotated[Tools, Depends(_tools)]
UowDep = Annotated[UnitOfWork, Depends(_uow)]
SessionDep = Annotated[Session, Depends(_session)]
UserIdDep = Annotated[UUID, Depends(_user_id)]
# A person with the duties, and for the agencies, that let them through the door.
DutyDep = Annotated[Caller, Depends(_duty)]
ActorDep = Annotated[str, Depends(_actor)]
ReachDep = Annotated[Reach, Depends(_reach)]
