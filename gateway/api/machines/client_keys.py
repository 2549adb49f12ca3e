from typing import Annotated

from fastapi import APIRouter, Path, status

from gateway.api.dependencies import ToolsDep, UowDep
from gateway.api.machines.officers import ApproverDep, ReaderDep, RegistrarDep, RevokerDep
from gateway.api.machines.schemas import (
    ClientKeyBody,
    KeyHistoryBody,
    RetireKeyBody,
    RevokeKeyBody,
)
from gateway.api.machines.tools import MachinesDep
from gateway.use_cases.machines.approve_client_key import approve_client_key
from gateway.use_cases.machines.key_changes import KeyChange
from gateway.use_cases.machines.look_at_clients import list_key_history
from gateway.use_cases.machines.retire_client_key import retire_client_key
from gateway.use_cases.machines.revoke_client_key import revoke_client_key

router = APIRouter(prefix="/v1/client-keys", tags=["clients"])
KeyId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$")]


@router.post("/{key_id}/approval", status_code=status.HTTP_200_OK)
async def post_approval(
    key_id: KeyId, actor: ApproverDep, uow: UowDep, tools: ToolsDep
) -> ClientKeyBody:
    """Make a pending key count. The person who registered it is refused."""
    change = KeyChange(actor=actor, clock=tools.clock, ids=tools.ids)
    return ClientKeyBody.of(await approve_client_key(key_id, change=change, uow=uow))


@router.post("/{key_id}/retirement", status_code=status.HTTP_200_OK)
async def post_retirement(
    key_id: KeyId,
    body: RetireKeyBody,
    actor: RegistrarDep,
    uow: UowDep,
    tools: ToolsDep,
    machines: MachinesDep,
) -> ClientKeyBody:
    """Let a successor take over. The key is accepted until `retires_at`, or its own end."""
    key = await retire_client_key(
        key_id,
        retires_at=body.retires_at,
        overlap_min=machines.overlap_min,
        change=KeyChange(actor=actor, clock=tools.clock, ids=tools.ids),
        uow=uow,
    )
    return ClientKeyBody.of(key)


@router.post("/{key_id}/revocation", status_code=status.HTTP_200_OK)
async def post_revocation(
    key_id: KeyId, body: RevokeKeyBody, actor: RevokerDep, uow: UowDep, tools: ToolsDep
) -> ClientKeyBody:
    """Refuse the key at once and for good; no gateway takes it five seconds later."""
    change = KeyChange(actor=actor, clock=tools.clock, ids=tools.ids, reason=body.reason)
    return ClientKeyBody.of(await revoke_client_key(key_id, change=change, uow=uow))


@router.get("/{key_id}/history")
async def get_history(key_id: KeyId, _reader: ReaderDep, uow: UowDep) -> KeyHistoryBody:
    return KeyHistoryBody.of(await list_key_history(key_id, uow=uow))
