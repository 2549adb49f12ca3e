"""Checks of machines' requests with a limit by client around them.

Who is over the limit is refused by the name they claim, before a signature is checked; but only a
proved request counts, so nobody can use up another's share by claiming their name.
"""

from collections.abc import Mapping
from typing import Final

from gateway.domain.callbacks.notice import ProvedNotice
from gateway.domain.callbacks.refusal import SpokenRefusal
from gateway.domain.callbacks.registration import ProviderRegistration
from gateway.domain.machines.signed_request import Arrival, SignatureClass, SignedRequest
from gateway.domain.traffic.limits import Traffic
from gateway.ports.callbacks import CallbackChecks
from gateway.ports.machines import SignatureChecks
from gateway.routes.buckets import Buckets

TRAFFIC_OF: Final[Mapping[SignatureClass, Traffic]] = {
    SignatureClass.WRITE: Traffic.WRITE,
    SignatureClass.READ: Traffic.READ,
    SignatureClass.CALLBACK: Traffic.CALLBACK,
}


class MeteredSignatures:
    def __init__(self, checks: SignatureChecks, buckets: Buckets) -> None:
        self._checks = checks
        self._buckets = buckets

    async def verify(self, arrival: Arrival, rule: SignatureClass) -> SignedRequest:
        traffic = TRAFFIC_OF[rule]
        claimed = arrival.header("lephi-client")
        if claimed is not None:
            self._buckets.peek(traffic, claimed)
        request = await self._checks.verify(arrival, rule)
        self._buckets.take(traffic, request.client.id)
        return request


class MeteredCallbacks:
    def __init__(self, checks: CallbackChecks, buckets: Buckets) -> None:
        self._checks = checks
        self._buckets = buckets

    def find(self, provider: str) -> ProviderRegistration | None:
        return self._checks.find(provider)

    def word(self, provider: str, code: str) -> SpokenRefusal | None:
        return self._checks.word(provider, code)

    async def verify(self, arrival: Arrival, registration: ProviderRegistration) -> ProvedNotice:
        self._buckets.peek(Traffic.CALLBACK, registration.client_id)
        notice = await self._checks.verify(arrival, registration)
        self._buckets.take(Traffic.CALLBACK, registration.client_id)
        return notice

    def issue_token(self, arrival: Arrival, registration: ProviderRegistration) -> str:
        self._buckets.peek(Traffic.CALLBACK, registration.client_id)
        token = self._checks.issue_token(arrival, registration)
        self._buckets.take(Traffic.CALLBACK, registration.client_id)
        return token
