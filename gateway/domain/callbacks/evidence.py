from base64 import b64encode
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.canonical import sha256_hex
from gateway.domain.callbacks.notice import ProvedNotice
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.domain.machines.signed_request import Arrival

# Longer than any provider goes on repeating a notice that was not answered.
REPEAT_KNOWN_FOR: Final = timedelta(days=7)


def number_of(notice: ProvedNotice, arrival: Arrival) -> str:
    """The sender's own number; without one, the digest of all that we record of the notice."""
    own = notice.proof.nonce
    if own is not None:
        return own
    said = (notice.proof.base, arrival.target.encode(), notice.proof.signature.encode())
    return sha256_hex(b"".join(sha256_hex(part).encode() for part in (*said, arrival.body)))


def evidence_of(notice: ProvedNotice, arrival: Arrival, *, id: UUID) -> Evidence:
    """What was said, by whom, proved how; no secret and nothing that gives one away."""
    record = {
        "provider": notice.provider,
        "scheme": notice.scheme,
        "evidence_level": notice.level.value,
        "client_id": notice.client_id,
        "key_id": notice.key_id,
        "signature": b64encode(notice.proof.signature.encode()).decode(),
        "received_at": arrival.received_at.isoformat(),
        "method": arrival.method,
        "target_uri": notice.target_uri,
        "headers": dict(notice.proof.headers),
        "source": arrival.source,
    }
    if notice.public_jwk is not None:
        record |= {"algorithm": notice.algorithm, "public_jwk": dict(notice.public_jwk)}
    return Evidence(
        id=id,
        kind=EvidenceKind.PROVIDER_NOTIFICATION,
        recorded_at=arrival.received_at,
        record=record,
        body=arrival.body,
        client_id=notice.client_id,
        signature_base=notice.proof.base,
    )
