"""Carries an adapter's requests to its issuer, and what comes back to the adapter."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import httpx
import structlog

from services.receipt.domain.outside.issue import Told
from services.receipt.domain.receipts.receipt import Form
from services.receipt.ports.outside import Outcome, OutsideAnswer, OutsideDocument, OutsideOrder
from services.receipt.providers.outside.adapter import (
    Adapter,
    OutgoingRequest,
    Question,
    Reply,
    Step,
    UnusableReply,
)

ANSWER_BYTES_MAX: Final = 4 * 1024 * 1024
# Of a whole exchange, however slowly it drips. All that is asked for one receipt fits its lease.
EXCHANGE_SECONDS_MAX: Final = 10.0
# An answer that unpacks to more than it is must not be unpacked.
PLAIN: Final = {"accept-encoding": "identity"}
NOT_KNOWING: Final = OutsideAnswer(outcome=Outcome.UNKNOWN)
log = structlog.get_logger()


class WiredIssuer:
    """An issuer over HTTP. What the network does is never an error of ours to the caller."""

    def __init__(self, adapter: Adapter, *, client: httpx.AsyncClient) -> None:
        self.adapter = adapter
        self._client = client

    @property
    def name(self) -> str:
        return self.adapter.name

    @property
    def owns_series(self) -> bool:
        return self.adapter.owns_series

    async def publish(self, order: OutsideOrder) -> OutsideAnswer:
        return await self._take([self.adapter.publish(order)])

    async def find(self, key: str, *, at: datetime) -> OutsideAnswer:
        return await self._take([self.adapter.find(Question(key=key, at=at))])

    async def replace(self, order: OutsideOrder) -> OutsideAnswer:
        return await self._take([self.adapter.replace(order)])

    async def adjust(self, order: OutsideOrder) -> OutsideAnswer:
        return await self._take([self.adapter.adjust(order)])

    async def cancel(self, order: OutsideOrder) -> OutsideAnswer:
        return await self._take(self.adapter.cancel(order))

    async def fetch(
        self, key: str, told: Told, form: Form, *, issued_at: datetime
    ) -> OutsideDocument | None:
        wanted = Question(key=key, at=issued_at, told=told, form=form)
        try:
            return self.adapter.read_file(wanted, await self._exchange(self.adapter.fetch(wanted)))
        except UnusableReply as error:
            self._note(error)
            return None

    async def _take(self, steps: Sequence[Step]) -> OutsideAnswer:
        """The first step with something to say has said it."""
        try:
            for step in steps:
                answer = step.read(await self._exchange(step.request))
                if answer is not None:
                    return answer
        except UnusableReply as error:
            self._note(error)
        return NOT_KNOWING

    def _note(self, error: UnusableReply) -> None:
        log.warning("unusable reply of an outside issuer", issuer=self.name, why=str(error))

    async def _exchange(self, request: OutgoingRequest) -> Reply:
        way = self.adapter.sign_in
        if way is None:
            return await self._carry(request)
        token = way.read(await self._carry(way.request()))
        headers = {**request.headers, "cookie": f"access_token={token}"}
        return await self._carry(replace(request, headers=headers))

    async def _carry(self, request: OutgoingRequest) -> Reply:
        """Bounded in time by the client, in size here. Redirects are not followed."""
        try:
            async with asyncio.timeout(EXCHANGE_SECONDS_MAX):
                return await self._send(request)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            # Its words may hold the address; its kind is enough.
            raise UnusableReply(type(error).__name__) from None

    async def _send(self, request: OutgoingRequest) -> Reply:
        headers = {**PLAIN, **request.headers}
        async with self._client.stream(
            request.method, request.url, headers=headers, content=request.body
        ) as answered:
            if answered.headers.get("content-encoding", "identity") != "identity":
                raise UnusableReply("packed")
            body = bytearray()
            async for part in answered.aiter_bytes():
                body += part
                if len(body) > ANSWER_BYTES_MAX:
                    raise UnusableReply("too long")
            return Reply(status=answered.status_code, body=bytes(body))
