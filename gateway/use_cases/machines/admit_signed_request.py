from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.canonical import load_json, sha256_hex
from chassis.ids import Ids
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.domain.machines.client import Client
from gateway.domain.machines.errors import ClientNotAllowed, NonceReused
from gateway.domain.machines.signed_request import Arrival, SignatureClass, SignedRequest
from gateway.ports.machines import NonceScope, NonceUse, SignatureChecks

JSON_BYTES_MAX: Final = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a route demands of a machine client."""

    signature: SignatureClass
    # Set for what must be written down before it has an effect.
    evidence: EvidenceKind | None = None
    # Set for a bank's route: the code under which this very bank is registered.
    provider: str | None = None
    # A file comes in: the service behind reads it in its own way.
    takes_file: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    client: Client
    evidence_id: UUID | None


async def admit_signed_request(
    arrival: Arrival,
    admission: Admission,
    *,
    signatures: SignatureChecks,
    scope: NonceScope,
    ids: Ids,
) -> Admitted:
    """Check a machine's request, use up its nonce and keep its evidence: all three or none.

    A bank's identical repeat is admitted again as the evidence it first made: the service behind
    answers a repeat as it answered the first time. Everybody else signs again with a new nonce.
    """
    request = await signatures.verify(arrival, admission.signature)
    _require_right_client(request, admission)
    if not admission.takes_file:
        _require_one_meaning(arrival.body, bytes_max=JSON_BYTES_MAX)
    elif _says_json(arrival):
        _require_one_meaning(arrival.body, bytes_max=len(arrival.body))
    evidence = _evidence(request, admission, arrival, ids=ids)
    mine = NonceUse(sha256_hex(request.signature_base), None if evidence is None else evidence.id)
    async with scope:
        if evidence is None:
            first = await scope.nonces.claim(request, mine)
        else:
            first = await scope.nonces.claim_with_evidence(request, mine, evidence)
    if first is None:
        return Admitted(request.client, mine.evidence_id)
    if not admission.signature.value.replay_is_repeat or first.base_hash != mine.base_hash:
        raise NonceReused
    return Admitted(request.client, first.evidence_id)


def _require_one_meaning(body: bytes, *, bytes_max: int) -> None:
    if body:
        load_json(body, limit_bytes=bytes_max)


def _says_json(arrival: Arrival) -> bool:
    media_type = (arrival.header("content-type") or "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _require_right_client(request: SignedRequest, admission: Admission) -> None:
    client, rule = request.client, admission.signature.value
    if client.client_class is not rule.client_class or client.provider != admission.provider:
        raise ClientNotAllowed


def _evidence(
    request: SignedRequest, admission: Admission, arrival: Arrival, *, ids: Ids
) -> Evidence | None:
    if admission.evidence is None:
        return None
    return Evidence.of_request(request, id=ids.new(), kind=admission.evidence, arrival=arrival)
