from typing import Annotated

from fastapi import APIRouter, Query, status

from chassis.schemas import Page, PageSize
from gateway.api.dependencies import ToolsDep, UowDep
from gateway.api.machines.officers import ReaderDep, RegistrarDep
from gateway.api.machines.schemas import (
    AddClientBody,
    AgencyCode,
    ClientBody,
    ClientId,
    ClientKeyBody,
    ClientWithKeysBody,
    KeyChallengeBody,
    RegisterKeyBody,
)
from gateway.api.machines.tools import MachinesDep
from gateway.domain.machines.client import ClientClass
from gateway.ports.machines import ClientFilter
from gateway.use_cases.machines.add_client import add_client
from gateway.use_cases.machines.challenge_client_key import challenge_client_key
from gateway.use_cases.machines.key_changes import KeyChange
from gateway.use_cases.machines.look_at_clients import get_client, list_clients
from gateway.use_cases.machines.register_client_key import KeyOffer, register_client_key

router = APIRouter(prefix="/v1/clients", tags=["clients"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_client(
    body: AddClientBody, actor: RegistrarDep, uow: UowDep, tools: ToolsDep
) -> ClientBody:
    """Name a portal or a bank. It can do nothing until one of its keys is approved."""
    added = await add_client(body.to_client(), actor=actor, uow=uow, clock=tools.clock)
    return ClientBody.of(added)


@router.get("")
async def get_clients(
    _reader: ReaderDep,
    uow: UowDep,
    client_class: Annotated[ClientClass | None, Query(alias="class")] = None,
    contact_agency: AgencyCode | None = None,
    cursor: ClientId | None = None,
    limit: PageSize = 50,
) -> Page[ClientBody]:
    wanted = ClientFilter(client_class=client_class, contact_agency=contact_agency)
    page = await list_clients(wanted, cursor=cursor, limit=limit, uow=uow)
    return Page(items=[ClientBody.of(one) for one in page.clients], next_cursor=page.next_cursor)


@router.get("/{id}")
async def get_one_client(id: ClientId, _reader: ReaderDep, uow: UowDep) -> ClientWithKeysBody:
    return ClientWithKeysBody.with_keys(await get_client(id, uow=uow))


@router.post("/{id}/key-challenges", status_code=status.HTTP_201_CREATED)
async def post_key_challenge(
    id: ClientId, actor: RegistrarDep, uow: UowDep, tools: ToolsDep
) -> KeyChallengeBody:
    """Text for the client's new key to sign, within ten minutes and once."""
    challenge = await challenge_client_key(
        id, actor=actor, uow=uow, clock=tools.clock, ids=tools.ids
    )
    return KeyChallengeBody.of(challenge)


@router.post("/{id}/keys", status_code=status.HTTP_201_CREATED)
async def post_client_key(
    id: ClientId,
    body: RegisterKeyBody,
    actor: RegistrarDep,
    uow: UowDep,
    tools: ToolsDep,
    machines: MachinesDep,
) -> ClientKeyBody:
    """Register a key its holder has shown to have. Another person has to approve it."""
    offer = KeyOffer(
        client_id=id,
        jwk=body.jwk,
        certificate=body.certificate,
        challenge=body.challenge,
        proof=body.proof,
        certificate_thumbprint=body.certificate_thumbprint,
    )
    key = await register_client_key(
        offer,
        change=KeyChange(actor=actor, clock=tools.clock, ids=tools.ids),
        uow=uow,
        proofs=machines.key_proofs,
    )
    return ClientKeyBody.of(key)
