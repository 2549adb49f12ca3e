"""Nonces for DPoP that every gateway makes and knows again without a look into the store."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis.keys import PrivateKey
from gateway.domain.machines.access_token import SERVER_NONCE_LIFETIME

INFO: Final = b"lephi-dpop-nonce-1"
TIME_BYTES: Final = 8
TAG_BYTES: Final = 16
LENGTH: Final = 32


class ServerNonces:
    """A nonce is an instant and a tag over it; replay is the business of each proof's jti."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def beside(cls, key: PrivateKey) -> "ServerNonces":
        """The secret follows from the key that signs tokens, so gateways share it with the key."""
        raw = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return cls(HKDF(hashes.SHA256(), 32, salt=None, info=INFO).derive(raw))

    def make(self, now: datetime) -> str:
        stamp = int(now.timestamp()).to_bytes(TIME_BYTES, "big")
        return urlsafe_b64encode(stamp + self._tag(stamp)).decode()

    def is_fresh(self, nonce: str, now: datetime) -> bool:
        if len(nonce) != LENGTH or not nonce.isascii():
            return False
        try:
            raw = urlsafe_b64decode(nonce)
        except ValueError:
            return False
        stamp, tag = raw[:TIME_BYTES], raw[TIME_BYTES:]
        if not hmac.compare_digest(tag, self._tag(stamp)):
            return False
        age = now - datetime.fromtimestamp(int.from_bytes(stamp, "big"), UTC)
        return abs(age) <= SERVER_NONCE_LIFETIME

    def _tag(self, stamp: bytes) -> bytes:
        return hmac.digest(self._secret, stamp, "sha256")[:TAG_BYTES]
