"""A caller's promise that a repeat is the same request."""

from dataclasses import dataclass

from chassis.idempotency import KeyReused


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    client_id: str
    key: str
    fingerprint: str

    def require_same(self, other: "RequestKey") -> None:
        if self.fingerprint != other.fingerprint:
            raise KeyReused
