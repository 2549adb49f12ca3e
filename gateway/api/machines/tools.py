from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from gateway.domain.machines.signed_request import Arrival
from gateway.ports.callbacks import CallbackChecks
from gateway.ports.machines import KeyProofs
from gateway.use_cases.machines.issue_token import TokenTools


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTools:
    """What the register of clients and the token endpoint need beyond a transaction."""

    key_proofs: KeyProofs
    # A key that retires is accepted at least this long beside its successor.
    overlap_min: timedelta
    tokens: TokenTools
    issuer: str
    callbacks: CallbackChecks


async def _machine_tools(request: Request) -> MachineTools:
    tools: MachineTools = request.app.state.machines
    return tools


async def _arrival(request: Request) -> Arrival:
    """The request as it passed the outer wall."""
    arrival: Arrival = request.scope["arrival"]
    return arrival


MachinesDep = Annotated[MachineTools, Depends(_machine_tools)]
ArrivalDep = Annotated[Arrival, Depends(_arrival)]
