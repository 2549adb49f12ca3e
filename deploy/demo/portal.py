"""A province's portal as a client of the gateway: every request signed with its registered key."""

import json
from typing import Any

import httpx

from chassis.clock import SystemClock
from chassis.ids import SystemIds
from chassis.keys import PrivateKey, thumbprint
from chassis.message_signatures import FEE_REQUEST, READ, RequestSigner
from deploy.gateway_answers import GatewayAnswers


class Portal:
    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        gateway_url: str,
        client_id: str,
        key: PrivateKey,
        answers: GatewayAnswers,
    ) -> None:
        self._http = http
        self._gateway_url = gateway_url.rstrip("/")
        self._answers = answers
        self._signer = RequestSigner(
            client_id, thumbprint(key.public_key()), key, clock=SystemClock(), ids=SystemIds()
        )

    async def get(self, target: str) -> httpx.Response:
        url = self._gateway_url + target
        headers = self._signer.headers("GET", url, shape=READ)
        return await self._http.get(url, headers=headers)

    async def post(self, target: str, body: Any, *, idempotency_key: str) -> httpx.Response:
        raw = json.dumps(body, ensure_ascii=False).encode()
        return await self._write("POST", target, raw, idempotency_key)

    async def delete(self, target: str, *, idempotency_key: str) -> httpx.Response:
        return await self._write("DELETE", target, b"", idempotency_key)

    async def _write(self, method: str, target: str, body: bytes, key: str) -> httpx.Response:
        """Raises BadSignature for an answer that is not the gateway's own."""
        url = self._gateway_url + target
        headers = self._signer.headers(
            method, url, body, shape=FEE_REQUEST, extra={"idempotency-key": key}
        )
        reply = await self._http.request(method, url, content=body, headers=headers)
        self._answers.check(reply)
        return reply
