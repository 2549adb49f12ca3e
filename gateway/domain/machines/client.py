"""A machine that may call us, and the keys it signs with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any, Final, Self

from gateway.domain.errors import IllegalTransition


class ClientClass(StrEnum):
    PORTAL = "portal"
    BANK = "bank"


class Algorithm(StrEnum):
    """Names of RFC 9421's registry; no shared secret and nothing below 128 bits of strength."""

    ED25519 = "ed25519"
    ECDSA_P256 = "ecdsa-p256-sha256"
    RSA_PSS = "rsa-pss-sha512"


class KeyState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    RETIRING = "retiring"
    REVOKED = "revoked"
    EXPIRED = "expired"


# Revoked and expired keys never come back: their owner registers a new one.
KEY_ALLOWED: Final[Mapping[KeyState, frozenset[KeyState]]] = {
    KeyState.PENDING: frozenset({KeyState.ACTIVE, KeyState.REVOKED}),
    KeyState.ACTIVE: frozenset({KeyState.RETIRING, KeyState.REVOKED, KeyState.EXPIRED}),
    KeyState.RETIRING: frozenset({KeyState.REVOKED, KeyState.EXPIRED}),
    KeyState.REVOKED: frozenset(),
    KeyState.EXPIRED: frozenset(),
}
USABLE: Final = frozenset({KeyState.ACTIVE, KeyState.RETIRING})
KEY_AGE_MAX: Final = timedelta(days=365)
# One that goes and one that comes; a third would be a key nobody looks after.
USABLE_KEYS_MAX: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """`provider` is the code under which a bank's notifications arrive; portals have none."""

    id: str
    client_class: ClientClass
    provider: str | None = None
    # Whom to call when something is wrong with this client: an agency's code.
    contact_agency: str | None = None
    # Signs @authority, @path and @query, because a proxy of theirs rewrites the target.
    splits_target: bool = False
    # Where it may call from (CIDR); empty is anywhere.
    networks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.client_class is ClientClass.BANK) != (self.provider is not None):
            raise ValueError("a bank names its provider code, a portal has none")
        for network in self.networks:
            ip_network(network)

    def may_call_from(self, peer: str | None) -> bool:
        """An unknown peer is nowhere: it is refused wherever the place matters."""
        if not self.networks:
            return True
        if peer is None:
            return False
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        # A listener for both protocols shows an IPv4 peer in its IPv6 clothes.
        plain = getattr(address, "ipv4_mapped", None) or address
        return any(plain in ip_network(network) for network in self.networks)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """`id` is the RFC 7638 thumbprint; the algorithm is fixed here, never read from a message.

    `registered_by` and `approved_by` are actors as the audit log names them (`user:…`).
    """

    id: str
    client_id: str
    algorithm: Algorithm
    public_jwk: Mapping[str, Any]
    registered_at: datetime
    registered_by: str | None = None
    state: KeyState = KeyState.ACTIVE
    approved_at: datetime | None = None
    approved_by: str | None = None
    retires_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    # Of the client certificate without which this key counts for nothing, as RFC 8705 spells it.
    certificate_thumbprint: str | None = None

    @property
    def until(self) -> datetime:
        """The end of its validity if nobody revokes it first; a year after registration at most."""
        ends = (self.registered_at + KEY_AGE_MAX, self.expires_at, self.retires_at)
        return min(end for end in ends if end is not None)

    def is_usable(self, now: datetime) -> bool:
        """Judged by the clock, so that a record read a moment ago still ends in time."""
        return self.state in USABLE and now < self.until

    def accepts_certificate(self, thumbprint: str | None) -> bool:
        return self.certificate_thumbprint in (None, thumbprint)

    def approve(self, *, by: str, at: datetime) -> Self:
        return replace(self._move_to(KeyState.ACTIVE), approved_at=at, approved_by=by)

    def retire(self, *, retires_at: datetime) -> Self:
        return replace(self._move_to(KeyState.RETIRING), retires_at=retires_at)

    def revoke(self, at: datetime) -> Self:
        return replace(self._move_to(KeyState.REVOKED), revoked_at=at)

    def expire(self) -> Self:
        return self._move_to(KeyState.EXPIRED)

    def _move_to(self, state: KeyState) -> Self:
        if state not in KEY_ALLOWED[self.state]:
            raise IllegalTransition(f"Key {self.id}", current=self.state, wanted=state.value)
        return replace(self, state=state)


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """What a signature is judged by: the key and whose it is."""

    client: Client
    key: ClientKey
