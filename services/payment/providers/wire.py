"""Carries an adapter's requests to its provider, and what comes back to the adapter."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

import httpx

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.errors import ProviderUnavailable, UnknownProvider
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import Outcome, ProviderNotice, Verdict
from services.payment.ports.providers import (
    Capability,
    Checkout,
    CheckoutOrder,
    EnquiryAnswer,
    OrderSeed,
    ProviderAnswer,
    Question,
    RefundAnswer,
    RefundOrder,
    RefundOutcome,
)
from services.payment.providers.adapter import (
    Adapter,
    Call,
    OutgoingRequest,
    RefusedByProvider,
    Reply,
    UnusableReply,
)

ANSWER_BYTES_MAX: Final = 262_144
NOT_KNOWN: Final = EnquiryAnswer(outcome=Outcome.UNKNOWN)
REFUND_NOT_KNOWN: Final = RefundAnswer(outcome=RefundOutcome.UNKNOWN)
Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class WiredProvider:
    """A provider over HTTP. What the network does is never an error of ours to the caller."""

    def __init__(
        self, adapter: Adapter, *, client: httpx.AsyncClient, clock: Clock, ids: Ids
    ) -> None:
        self.adapter = adapter
        self._client = client
        self._clock = clock
        self._ids = ids

    @property
    def name(self) -> str:
        return self.adapter.name

    @property
    def client_id(self) -> str:
        return self.adapter.client_id

    @property
    def methods(self) -> frozenset[Method]:
        return self.adapter.methods

    @property
    def settling_evidence_levels(self) -> frozenset[str]:
        return self.adapter.settling_evidence_levels

    @property
    def capabilities(self) -> frozenset[Capability]:
        has = {
            Capability.NOTIFIES: self.adapter.read_notice,
            Capability.ANSWERS_ENQUIRIES: self.adapter.enquiry,
            Capability.CHECKS_OUT: self.adapter.checkout,
            Capability.REFUNDS: self.adapter.refund,
            Capability.REFUNDS_TO_ACCOUNTS: self.adapter.refund
            if self.adapter.refund and self.adapter.refund.to_accounts
            else None,
            Capability.ANSWERS_REFUND_ENQUIRIES: self.adapter.refund
            and self.adapter.refund.enquiry,
        }
        return frozenset(capability for capability, part in has.items() if part is not None)

    def parse_notification(self, raw: bytes) -> ProviderNotice:
        if self.adapter.read_notice is None:
            raise UnknownProvider(self.name)
        return self.adapter.read_notice(raw)

    def answer(self, raw: bytes, verdict: Verdict) -> ProviderAnswer | None:
        return self.adapter.answer(raw, verdict) if self.adapter.answer else None

    def order_reference(self, seed: OrderSeed) -> str:
        way = self.adapter.checkout
        return seed.bill_reference if way is None else way.order_reference(seed)

    async def start_checkout(self, order: CheckoutOrder) -> Checkout:
        way = self.adapter.checkout
        if way is None:
            return Checkout()
        try:
            request = way.request(order, self._call())
            if way.read is None:
                return Checkout(pay_url=request.url)
            return way.read(order, await self._send(request))
        except RefusedByProvider as refused:
            raise ProviderUnavailable(self.name, refused.reason) from refused
        except UnusableReply as error:
            raise ProviderUnavailable(self.name, "no usable answer") from error

    async def enquire(self, question: Question) -> EnquiryAnswer:
        way = self.adapter.enquiry
        if way is None:
            return NOT_KNOWN
        return await self._ask(question, way.request, way.read) or NOT_KNOWN

    async def refund(self, order: RefundOrder) -> RefundAnswer:
        way = self.adapter.refund
        if way is None:
            raise UnknownProvider(self.name)
        return await self._ask(order, way.request, way.read) or REFUND_NOT_KNOWN

    async def enquire_refund(self, order: RefundOrder) -> RefundAnswer:
        way = self.adapter.refund
        if way is None or way.enquiry is None or way.read_enquiry is None:
            return REFUND_NOT_KNOWN
        return await self._ask(order, way.enquiry, way.read_enquiry) or REFUND_NOT_KNOWN

    async def _ask(
        self,
        asked: Asked,
        request: Callable[[Asked, Call], OutgoingRequest],
        read: Callable[[Asked, Reply], Answered],
    ) -> Answered | None:
        try:
            return read(asked, await self._send(request(asked, self._call())))
        except UnusableReply:
            return None

    async def _send(self, request: OutgoingRequest) -> Reply:
        way = self.adapter.sign_in
        if way is None:
            return await self._exchange(request)
        token = way.read(await self._exchange(way.request(self._call())))
        headers = {**request.headers, "authorization": f"Bearer {token}"}
        return await self._exchange(replace(request, headers=headers))

    async def _exchange(self, request: OutgoingRequest) -> Reply:
        """Bounded in time by the client, in size here. Redirects are not followed."""
        try:
            async with self._client.stream(
                request.method, request.url, headers=dict(request.headers), content=request.body
            ) as answered:
                body = b""
                async for part in answered.aiter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise UnusableReply("too long")
                headers = {name.lower(): value for name, value in answered.headers.items()}
                status = answered.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnusableReply(type(error).__name__) from error
        return Reply(
            request=request,
            status=status,
            headers=headers,
            body=body,
            received_at=self._clock.now(),
        )

    def _call(self) -> Call:
        return Call(now=self._clock.now(), request_id=self._ids.new().hex)
