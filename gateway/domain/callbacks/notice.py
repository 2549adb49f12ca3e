"""A provider's notice as a scheme judges it, and what a scheme that agrees has proved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.domain.callbacks.errors import CallbackRefused
from gateway.domain.callbacks.registration import SIGNATURE_HEADER, EvidenceLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a request that a scheme may look at, raw; header names are lower case."""

    method: str = "POST"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    received_at: datetime

    def one(self, name: str) -> str:
        """The only value of a header; none or two are refused."""
        found = [value for key, value in self.headers if key == name]
        if len(found) != 1:
            raise CallbackRefused(f"exactly one {name} header is needed")
        return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a scheme checks with: shared secrets by name, or a registered public key."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    public_jwk: Mapping[str, Any] = field(default_factory=dict)
    header: str = SIGNATURE_HEADER


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`base` is what the signature covers, without any secret; `signature` is as it was given.

    `nonce` is the sender's own number for this message, if its scheme has one.
    """

    base: bytes
    signature: str
    headers: Mapping[str, str] = field(default_factory=dict)
    nonce: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedNotice:
    """`key_id` names a public key, or a shared secret by a digest that does not give it away."""

    provider: str
    scheme: str
    level: EvidenceLevel
    client_id: str
    proof: Proof
    key_id: str
    target_uri: str
    algorithm: str | None = None
    public_jwk: Mapping[str, Any] | None = None
