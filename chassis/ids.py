"""The only place that draws random numbers: identifiers and unguessable tokens."""

import secrets
from base64 import urlsafe_b64encode
from typing import Protocol
from uuid import UUID

from chassis.clock import Clock, SystemClock


class Ids(Protocol):
    def new(self) -> UUID:
        """A UUIDv7 (RFC 9562): later ones sort later, so they are kind to an index."""

    def token(self, size_bytes: int = 16) -> str:
        """Base64url text nobody can guess; 16 bytes are 128 bits."""


class SystemIds:
    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def new(self) -> UUID:
        milliseconds = int(self._clock.now().timestamp() * 1000)
        tail = secrets.randbits(74)
        high = (milliseconds & (2**48 - 1)) << 80
        return UUID(int=high | 0x7 << 76 | (tail >> 62) << 64 | 0b10 << 62 | tail & (2**62 - 1))

    def token(self, size_bytes: int = 16) -> str:
        return urlsafe_b64encode(secrets.token_bytes(size_bytes)).rstrip(b"=").decode()
