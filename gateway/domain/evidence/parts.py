"""What was kept of a fee, as the files of a bundle."""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final
from uuid import UUID

from chassis.canonical import canonical_json
from gateway.domain.audit.leaf import InclusionProof
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.domain.machines.client import ClientKey
from gateway.domain.machines.key_registration import KeyEvent

PARTS: Final[Mapping[EvidenceKind, str]] = {
    EvidenceKind.CONFIRMATION: "confirmation",
    EvidenceKind.PROVIDER_NOTIFICATION: "provider-notification",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedKey:
    key: ClientKey
    history: Sequence[KeyEvent]


def named(kept: Sequence[Evidence]) -> Mapping[str, Evidence]:
    """Each by its name in the bundle: requests are numbered, and one confirmation counts."""
    names: dict[str, Evidence] = {}
    for one in kept:
        if one.kind is EvidenceKind.CONFIRMATION:
            names.setdefault("confirmation", one)
    requests = (one for one in kept if one.kind is not EvidenceKind.CONFIRMATION)
    return names | {f"{number}-{one.kind}": one for number, one in enumerate(requests, start=1)}


def missing_parts(kept: Sequence[Evidence], *, receipted: bool) -> list[str]:
    there = {one.kind for one in kept}
    missing = [name for kind, name in PARTS.items() if kind not in there]
    return sorted(missing if receipted else [*missing, "receipts"])


def evidence_files(names: Mapping[str, Evidence]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name, one in names.items():
        record = canonical_json(dict(one.record))
        if one.kind is EvidenceKind.CONFIRMATION:
            files["intent.json"] = one.body
            files["shown.txt"] = (one.shown_text or "").encode()
            files["confirmation.json"] = record
            files |= dict(_certificate_files(one.record))
            continue
        files[f"requests/{name}/record.json"] = record
        files[f"requests/{name}/body.bin"] = one.body
        files[f"requests/{name}/signature-base.txt"] = one.signature_base or b""
    return files


def _certificate_files(record: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The chain, signer first, and what its authorities said at the time, for other programs."""
    for number, der in enumerate(record.get("chain", ())):
        yield f"certificates/{number}.cer", b64decode(der)
    for number, answer in enumerate(record.get("revocation", ())):
        yield f"certificates/{number}.{answer['form']}", b64decode(answer["der"])


def key_ids(kept: Sequence[Evidence]) -> list[str]:
    """Of the registered keys that signed; a shared secret is none."""
    return sorted({one.record["key_id"] for one in kept if "public_jwk" in one.record})


def key_file(used: UsedKey) -> tuple[str, bytes]:
    """What is known of a key; who tended it is a matter of the audit log."""
    key = used.key
    said = {
        "client_id": key.client_id,
        "key_id": key.id,
        "algorithm": key.algorithm.value,
        "jwk": dict(key.public_jwk),
        "certificate_thumbprint": key.certificate_thumbprint,
        "state": key.state.value,
        "from": (key.approved_at or key.registered_at).isoformat(),
        "until": key.until.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
        "history": [
            {"action": one.action.value, "at": one.at.isoformat(), "state": one.state.value}
            for one in used.history
        ],
    }
    return f"keys/{key.id}.json", canonical_json(said)


def audit_files(
    names: Mapping[str, Evidence], proofs: Mapping[UUID, InclusionProof]
) -> dict[str, bytes]:
    """The place of every record in the log, under one checkpoint that covers them all."""
    files: dict[str, bytes] = {}
    for name, one in names.items():
        proof = proofs[one.id]
        files[f"audit/{name}.json"] = canonical_json(
            {
                "evidence_id": str(one.id),
                "recorded_at": one.recorded_at.astimezone(UTC).isoformat(),
                "index": proof.index,
                "leaf": proof.record.decode(),
                "path": [node.hex() for node in proof.path],
            }
        )
        covering = proof.checkpoint
        files["audit/checkpoint.json"] = canonical_json(
            {
                "size": proof.size,
                "checkpoint": covering.signed.jws,
                "cosignatures": [
                    {"witness": each.witness, "jws": each.jws, "at": each.at.isoformat()}
                    for each in covering.cosignatures
                ],
            }
        )
    return files
