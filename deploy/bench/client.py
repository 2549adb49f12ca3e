"""The outside world of a benchmark: one portal, one bank and many payers, over plain HTTP.

It uses aiohttp, since what the client burns is taken from the same two cores.
"""

import asyncio
import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pyotp

from chassis.clock import Clock, SystemClock
from chassis.ids import Ids, SystemIds
from chassis.keys import load_private_key, thumbprint
from chassis.message_signatures import READ, RequestSigner, Shape
from deploy.demo.payer import DeviceKey

JWS_TYPE: Final = "lephi-fee-intent+jws"
PASSWORD: Final = "một mật khẩu đủ dài 2026"  # noqa: S105 - of payers who exist for a minute


class UnexpectedAnswer(Exception):
    """The platform answered something a journey cannot go on with."""


class Client:
    """A registered machine client that signs everything it sends."""

    def __init__(
        self, http: aiohttp.ClientSession, *, origin: str, client_id: str, keys_dir: Path
    ) -> None:
        key = load_private_key(keys_dir / "clients" / f"{client_id}.key.pem")
        clock, ids = SystemClock(), SystemIds()
        self._http = http
        self._origin = origin
        self._signer = RequestSigner(
            client_id, thumbprint(key.public_key()), key, clock=clock, ids=ids
        )

    async def get(self, target: str) -> tuple[int, bytes]:
        url = self._origin + target
        headers = self._signer.headers("GET", url, shape=READ)
        async with self._http.get(url, headers=headers) as answer:
            return answer.status, await answer.read()

    async def post(
        self, target: str, body: Any, *, shape: Shape, idempotency_key: str | None = None
    ) -> tuple[int, bytes]:
        url, raw = self._origin + target, json.dumps(body).encode()
        extra = {"idempotency-key": idempotency_key} if idempotency_key else {}
        headers = self._signer.headers("POST", url, raw, shape=shape, extra=extra)
        async with self._http.post(url, data=raw, headers=headers) as answer:
            return answer.status, await answer.read()


class Payer:
    """Somebody with a password, one-time codes and a device key."""

    def __init__(self, http: aiohttp.ClientSession, origin: str, clock: Clock) -> None:
        self._http = http
        self._origin = origin
        self._clock = clock
        self._device = DeviceKey()
        self._token = ""
        self._totp: pyotp.TOTP | None = None
        self._last_step = 0

    async def enrol(self, ids: Ids) -> None:
        username = f"payer-{ids.token(9).lower()}"
        account = await self._post(
            "/v1/accounts",
            {"username": username, "password": PASSWORD, "full_name": "Người nộp thử"},
        )
        secret = parse_qs(urlsplit(account["totp_uri"]).query)
        period = int(secret["period"][0])
        self._totp = pyotp.TOTP(secret["secret"][0], interval=period)
        await self._post(
            f"/v1/accounts/{account['id']}/totp-activations", {"code": await self._code()}
        )
        session = await self._post(
            "/v1/sessions",
            {"username": username, "password": PASSWORD, "totp": await self._code()},
        )
        self._token = session["token"]
        challenge = (await self._post("/v1/device-key-challenges", {}))["challenge"]
        proof = self._device.sign_compact(challenge.encode(), header={})
        await self._post(
            "/v1/device-keys",
            {"jwk": self._device.jwk, "proof": proof, "totp": await self._code()},
        )

    async def confirm(self, intent_id: str) -> dict[str, Any]:
        """Agree to exactly this fee; the answer shows the payment with its code."""
        shown = await self._post(
            f"/v1/payment-intents/{intent_id}/confirmations", {"method": "vietqr"}
        )
        text = shown["intent_bytes"]
        intent_bytes = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        header = {"typ": JWS_TYPE, "kid": self._device.key_id}
        jws = self._device.sign_detached(intent_bytes, header=header)
        proof = {"jws": jws, "totp": await self._code()}
        return await self._post(f"/v1/confirmations/{shown['confirmation_id']}/proof", proof)

    async def _code(self) -> str:
        """The next unused code; the newest that is accepted, so that it survives a queue."""
        if self._totp is None:
            raise UnexpectedAnswer("the payer has no one-time codes yet")
        period = self._totp.interval
        now = self._clock.now().timestamp()
        self._last_step = max(self._last_step + 1, int(now) // period)
        await asyncio.sleep(max(0.0, (self._last_step - 1) * period - now))
        return str(self._totp.generate_otp(self._last_step))

    async def _post(self, target: str, body: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._http.post(self._origin + target, json=body, headers=headers) as answer:
            raw = await answer.read()
            if not answer.ok:
                raise UnexpectedAnswer(f"{target}: {answer.status} {raw[:300]!r}")
            read: dict[str, Any] = json.loads(raw) if raw else {}
            return read
