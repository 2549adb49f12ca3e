"""A software authenticator: says what a browser would, and anything else a test wants to try."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from os import urandom
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT = 0x01
USER_VERIFIED = 0x04
BACKUP_ELIGIBLE = 0x08
BACKED_UP = 0x10
ATTESTED = 0x40
ES256 = -7


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftPasskey:
    """One credential. Whatever it would say truly can be set to something else beforehand."""

    origin: str
    rp_id: str
    flags: int = USER_PRESENT | USER_VERIFIED
    # Zero for ever, as synced passkeys do, unless a test makes it count.
    sign_count: int = 0
    counts: bool = False
    algorithm: int = ES256
    user_handle: str = ""
    transports: tuple[str, ...] = ("internal",)
    client_data: Mapping[str, Any] = field(default_factory=dict)
    credential_id: bytes = field(default_factory=lambda: urandom(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def id(self) -> str:
        return encode(self.credential_id)

    def create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` gives as JSON, with attestation `none`."""
        self.user_handle = options["user"]["id"]
        client_data = self._client_data("webauthn.create", options["challenge"])
        attestation = {
            "fmt": "none",
            "attStmt": {},
            "authData": self.authenticator_data(attested=True),
        }
        return self._credential(
            {
                "clientDataJSON": encode(client_data),
                "attestationObject": encode(cbor2.dumps(attestation)),
                "transports": list(self.transports),
            }
        )

    def get(self, options: Mapping[str, Any], *, kind: str = "webauthn.get") -> dict[str, Any]:
        """What `navigator.credentials.get` gives as JSON; `payment.get` for a payment."""
        if self.counts:
            self.sign_count += 1
        client_data = self._client_data(kind, options["challenge"])
        authenticator_data = self.authenticator_data()
        signature = self.key.sign(
            authenticator_data + sha256(client_data).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._credential(
            {
                "clientDataJSON": encode(client_data),
                "authenticatorData": encode(authenticator_data),
                "signature": encode(signature),
                "userHandle": self.user_handle or None,
            }
        )

    def authenticator_data(self, *, attested: bool = False) -> bytes:
        flags = self.flags | (ATTESTED if attested else 0)
        head = sha256(self.rp_id.encode()).digest() + bytes([flags])
        counted = head + self.sign_count.to_bytes(4, "big")
        if not attested:
            return counted
        size = len(self.credential_id).to_bytes(2, "big")
        return counted + bytes(16) + size + self.credential_id + self.cose_key()

    def cose_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps(
            {
                1: 2,
                3: self.algorithm,
                -1: 1,
                -2: numbers.x.to_bytes(32, "big"),
                -3: numbers.y.to_bytes(32, "big"),
            }
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {
            "type": kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": False,
            **self.client_data,
        }
        return json.dumps(said, separators=(",", ":")).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
