"""What the network, or an address that is none, does to a question: nothing is known by it."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.notices.provider_notification import Outcome
from services.payment.providers.momo import momo
from services.payment.providers.wire import ANSWER_BYTES_MAX, WiredProvider
from tests.payment.providers.scripted import BILL, URL, a_question, config
from tests.payment.samples import NOON

FACTS = {"partner_code": "LEPHI"}
SECRETS = {"access_key": "for-trying-out", "secret_key": "for-trying-out"}


def _hung_up(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("hung up", request=request)


def _without_end(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"x" * (ANSWER_BYTES_MAX + 1))


@pytest.mark.parametrize(
    ("network", "url"),
    [
        (_hung_up, URL),
        (_without_end, URL),
        (_without_end, "https://provider.example.vn:port"),
        (_without_end, "https://provider\n.example.vn"),
    ],
    ids=["hung up", "too long", "no such port", "no host"],
)
async def test_what_brings_no_usable_answer_is_not_known(
    network: Callable[[httpx.Request], httpx.Response], url: str
) -> None:
    adapter = momo(replace(config("momo", facts=FACTS, secrets=SECRETS), url=url))
    async with httpx.AsyncClient(transport=httpx.MockTransport(network)) as client:
        provider = WiredProvider(adapter, client=client, clock=FrozenClock(NOON), ids=FakeIds())

        answer = await provider.enquire(a_question(BILL))

    assert (answer.outcome, answer.notices) == (Outcome.UNKNOWN, ())
