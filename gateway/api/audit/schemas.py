from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from chassis.canonical import load_json
from gateway.domain.audit.checkpoint import WitnessedCheckpoint
from gateway.domain.audit.leaf import ConsistencyProof, InclusionProof, Leaf


class CosignatureBody(BaseModel):
    """`jws` is null for a witness that only keeps what it is given."""

    witness: str
    jws: str | None
    at: datetime


class CheckpointBody(BaseModel):
    """`jws` carries the canonical JSON of the first four, signed (ES256). Hashes are hex."""

    origin: str
    size: int
    root: str
    at: datetime
    jws: str
    cosignatures: list[CosignatureBody]

    @classmethod
    def of(cls, found: WitnessedCheckpoint) -> Self:
        said = found.signed.checkpoint
        seen = [
            CosignatureBody(witness=one.witness, jws=one.jws, at=one.at)
            for one in found.cosignatures
        ]
        return cls(
            origin=said.origin,
            size=said.size,
            root=said.root.hex(),
            at=said.at,
            jws=found.signed.jws,
            cosignatures=seen,
        )


class EntryBody(BaseModel):
    index: int
    id: str
    at: datetime
    action: str
    actor: str
    subject: str
    details: dict[str, Any]
    leaf_hash: str

    @classmethod
    def of(cls, leaf: Leaf) -> Self:
        return cls(
            index=leaf.index,
            id=str(leaf.id),
            at=leaf.recorded_at,
            action=leaf.action,
            actor=leaf.actor,
            subject=leaf.subject,
            details=load_json(leaf.record)["details"],
            leaf_hash=leaf.hash.hex(),
        )


class InclusionBody(BaseModel):
    """`record` is the text whose SHA-256, after a zero byte, is the leaf (RFC 6962, 2.1)."""

    index: int
    size: int
    record: str
    path: list[str]
    checkpoint: CheckpointBody

    @classmethod
    def of(cls, proof: InclusionProof) -> Self:
        return cls(
            index=proof.index,
            size=proof.size,
            record=proof.record.decode(),
            path=[one.hex() for one in proof.path],
            checkpoint=CheckpointBody.of(proof.checkpoint),
        )


class ConsistencyBody(BaseModel):
    first: int
    second: int
    path: list[str]

    @classmethod
    def of(cls, proof: ConsistencyProof) -> Self:
        return cls(first=proof.first, second=proof.second, path=[one.hex() for one in proof.path])
