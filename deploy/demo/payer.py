"""The payer's side: password, one-time codes, and a device key that signs what is confirmed.

Nothing here is shared with the gateway: a browser and an authenticator would do the same.
"""

import asyncio
import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from chassis.clock import Clock

COORDINATE_BYTES = 32


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class DeviceKey:
    """A P-256 key as WebCrypto would hold it."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def jwk(self) -> dict[str, str]:
        point = self._key.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": base64url(point.x.to_bytes(COORDINATE_BYTES, "big")),
            "y": base64url(point.y.to_bytes(COORDINATE_BYTES, "big")),
        }

    @property
    def key_id(self) -> str:
        """RFC 7638: the digest of the members in this order, without white space."""
        jwk = self.jwk
        members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
        return base64url(sha256(json.dumps(members, separators=(",", ":")).encode()).digest())

    def sign_compact(self, payload: bytes, *, header: dict[str, Any]) -> str:
        """A JWS with its payload inside (RFC 7515)."""
        protected = self._protected(header)
        signature = self._sign(f"{protected}.{base64url(payload)}".encode())
        return f"{protected}.{base64url(payload)}.{signature}"

    def sign_detached(self, payload: bytes, *, header: dict[str, Any]) -> str:
        """A JWS beside its payload, which stays as it is (RFC 7797)."""
        protected = self._protected({**header, "b64": False, "crit": ["b64"]})
        return f"{protected}..{self._sign(protected.encode() + b'.' + payload)}"

    def _protected(self, header: dict[str, Any]) -> str:
        full = {"alg": "ES256", **header}
        return base64url(json.dumps(full, separators=(",", ":")).encode())

    def _sign(self, raw: bytes) -> str:
        r, s = decode_dss_signature(self._key.sign(raw, ec.ECDSA(SHA256())))
        return base64url(r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big"))


class Authenticator:
    """An application for one-time codes. A code counts once: each next one is of a later step."""

    def __init__(self, uri: str, *, clock: Clock) -> None:
        query = parse_qs(urlsplit(uri).query)
        self.period_seconds = int(query.get("period", ["30"])[0])
        self._totp = pyotp.TOTP(query["secret"][0], interval=self.period_seconds)
        self._clock = clock
        self._last_step = 0

    async def code(self) -> str:
        """The next unused code that the gateway accepts: one step early or late is allowed."""
        now = self._clock.now().timestamp()
        current = int(now) // self.period_seconds
        # The oldest code first leaves two more for what follows at once; later on, the one shown.
        step = max(self._last_step + 1, current if self._last_step else current - 1)
        # Three codes are good at any moment; the fourth has to wait for its time.
        await asyncio.sleep(max(0.0, (step - 1) * self.period_seconds - now))
        self._last_step = step
        return self._totp.generate_otp(step)


class Session:
    """A logged-in payer."""

    def __init__(self, http: httpx.AsyncClient, *, gateway_url: str, token: str) -> None:
        self._http = http
        self._gateway_url = gateway_url.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"}

    async def post(self, target: str, body: Any) -> httpx.Response:
        return await self._http.post(self._gateway_url + target, json=body, headers=self._headers)

    async def get(self, target: str) -> httpx.Response:
        return await self._http.get(self._gateway_url + target, headers=self._headers)
