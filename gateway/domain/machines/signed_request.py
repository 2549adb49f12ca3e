"""Which signature each class of route demands, and what a checked one says (RFC 9421)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from gateway.domain.machines.client import Client, ClientClass, ClientKey

# Nonces stay known a little longer than any signature that could carry them.
NONCE_KEPT_AFTER_EXPIRY: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRule:
    """The tag names the exact set of components; the rest is ours to decide."""

    tag: str
    client_class: ClientClass
    # A bank whose answer got lost may send the very same bytes again and is answered again.
    replay_is_repeat: bool = False


class SignatureClass(Enum):
    WRITE = SignatureRule(tag="lephi-fee-request-1", client_class=ClientClass.PORTAL)
    READ = SignatureRule(tag="lephi-read-1", client_class=ClientClass.PORTAL)
    CALLBACK = SignatureRule(
        tag="lephi-bank-callback-1", client_class=ClientClass.BANK, replay_is_repeat=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request as it came; header names are lower case, `target` is the raw path and query."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    received_at: datetime
    # The caller's address; behind our terminator, the one that it names.
    source: str | None = None
    # x5t#S256 of the TLS client certificate; only our terminator can say it.
    certificate_thumbprint: str | None = None

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """What the signature proves: who said what, over which bytes, with which key."""

    client: Client
    key: ClientKey
    nonce: str
    expires_at: datetime
    target_uri: str
    covered_headers: Mapping[str, str]
    signature_base: bytes
    signature: bytes
