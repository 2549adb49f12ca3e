import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.testing import FrozenClock
from services.notification.channels import webhook
from services.notification.channels.webhook import (
    HttpWebhook,
    load_webhook_key,
    open_webhook_client,
    public_key_text,
    sign_webhook,
)
from services.notification.domain.sending import Outcome
from services.notification.ports import WebhookCall
from tests.notification.mail_server import free_port
from tests.notification.receiver import Receiver, verifies
from tests.notification.samples import NOON

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = public_key_text(KEY.public_key())
BODY = b'{"data":{"x":1},"type":"receipt.issued.v1"}'
PUBLIC_ADDRESS = "93.184.215.14"


def call(url: str = "https://portal.example.vn/hooks?a=b") -> WebhookCall:
    return WebhookCall(url=url, webhook_id="evt_1", body=BODY)


def resolving_to(*addresses: str) -> webhook.Resolve:
    async def answer(host: str, port: int) -> Sequence[str]:
        return addresses

    return answer


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_webhook_client() as opened:
        yield opened


def channel(
    client: httpx.AsyncClient,
    *,
    allow_private: bool = False,
    resolve: webhook.Resolve | None = None,
) -> HttpWebhook:
    return HttpWebhook(
        client,
        key=KEY,
        allow_private=allow_private,
        clock=FrozenClock(NOON),
        resolve=resolve or resolving_to(PUBLIC_ADDRESS),
    )


async def test_a_real_receiver_gets_the_bytes_and_can_verify_them(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    sending = channel(client, allow_private=True, resolve=webhook.resolve)

    outcome = await sending.post(call(receiver.url))

    (arrival,) = receiver.arrivals
    assert outcome == Outcome.done(status_code=204)
    assert arrival.body == BODY
    assert arrival.headers["webhook-id"] == "evt_1"
    assert arrival.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert arrival.headers["content-type"] == "application/json"
    assert verifies(PUBLIC_KEY, arrival.headers, arrival.body)


@pytest.mark.parametrize("edited", ["body", "webhook-id", "webhook-timestamp", "key"])
async def test_what_was_edited_on_the_way_does_not_verify(edited: str) -> None:
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": "1795410000",
        "webhook-signature": sign_webhook(KEY, "evt_1", 1795410000, BODY),
    }
    body, public_key = BODY, PUBLIC_KEY
    assert verifies(public_key, headers, body)

    if edited == "body":
        body = BODY.replace(b"1", b"2")
    elif edited == "key":
        other = Ed25519PrivateKey.from_private_bytes(bytes(32))
        public_key = public_key_text(other.public_key())
    else:
        headers[edited] += "0"

    assert not verifies(public_key, headers, body)


async def test_the_checked_address_is_called_and_the_name_is_kept_for_host_and_certificate(
    client: httpx.AsyncClient,
) -> None:
    with respx.mock:
        route = respx.post(f"https://{PUBLIC_ADDRESS}/hooks?a=b").respond(200)
        await channel(client).post(call())

    request = route.calls.last.request
    assert request.headers["host"] == "portal.example.vn"
    assert request.extensions["sni_hostname"] == "portal.example.vn"


async def test_an_address_of_six_is_called_in_brackets(client: httpx.AsyncClient) -> None:
    six = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
    with respx.mock:
        route = respx.post(f"https://[{six}]/hooks?a=b").respond(200)
        outcome = await channel(client, resolve=resolving_to(six)).post(call())

    assert outcome == Outcome.done(status_code=200)
    assert route.call_count == 1


@pytest.mark.parametrize(
    "addresses",
    [
        ("10.0.0.5",),
        ("169.254.169.254",),
        ("127.0.0.1",),
        ("::1",),
        ("::ffff:10.0.0.5",),
        (PUBLIC_ADDRESS, "10.0.0.5"),
    ],
)
async def test_a_name_that_leads_into_our_network_is_not_called(
    client: httpx.AsyncClient, addresses: tuple[str, ...]
) -> None:
    with respx.mock(assert_all_called=False) as wire:
        outcome = await channel(client, resolve=resolving_to(*addresses)).post(call())

    assert outcome == Outcome.never("address_not_allowed")
    assert not wire.calls


async def test_a_private_address_in_the_url_is_refused_at_delivery_too(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    outcome = await channel(client, resolve=webhook.resolve).post(call(receiver.url))

    assert outcome == Outcome.never("address_not_allowed")
    assert not receiver.arrivals


async def test_a_redirect_is_not_followed(client: httpx.AsyncClient, receiver: Receiver) -> None:
    receiver.statuses = [302]
    receiver.answer_headers = {"location": receiver.url}

    outcome = await channel(client, allow_private=True, resolve=webhook.resolve).post(
        call(receiver.url)
    )

    assert outcome == Outcome.again("http_302", status_code=302)
    assert len(receiver.arrivals) == 1


async def test_a_long_answer_is_not_read_to_its_end(
    client: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.statuses, receiver.answer_body = [200], b"x" * 5_000_000

    outcome = await channel(client, allow_private=True, resolve=webhook.resolve).post(
        call(receiver.url)
    )

    assert outcome == Outcome.done(status_code=200)


async def test_a_cookie_is_not_sent_back(client: httpx.AsyncClient, receiver: Receiver) -> None:
    receiver.answer_headers = {"set-cookie": "session=1"}
    sending = channel(client, allow_private=True, resolve=webhook.resolve)

    await sending.post(call(receiver.url))
    await sending.post(call(receiver.url))

    assert "cookie" not in receiver.arrivals[1].headers


@pytest.mark.parametrize(
    ("wire_error", "reason"),
    [
        (httpx.ConnectError("no"), "unreachable"),
        (httpx.ReadError("no"), "unreachable"),
        (httpx.RemoteProtocolError("no"), "unreachable"),
        (httpx.ConnectTimeout("no"), "timeout"),
        (httpx.ReadTimeout("no"), "timeout"),
        (httpx.PoolTimeout("no"), "timeout"),
    ],
)
async def test_a_wire_error_means_again(
    client: httpx.AsyncClient, wire_error: httpx.HTTPError, reason: str
) -> None:
    with respx.mock:
        respx.post(f"https://{PUBLIC_ADDRESS}/hooks?a=b").mock(side_effect=wire_error)
        assert await channel(client).post(call()) == Outcome.again(reason)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Outcome.done(status_code=200)),
        (202, Outcome.done(status_code=202)),
        (400, Outcome.again("http_400", status_code=400)),
        (429, Outcome.again("http_429", status_code=429)),
        (503, Outcome.again("http_503", status_code=503)),
        (410, Outcome.never("gone", status_code=410)),
    ],
)
async def test_the_status_decides(
    client: httpx.AsyncClient, status: int, expected: Outcome
) -> None:
    with respx.mock:
        respx.post(f"https://{PUBLIC_ADDRESS}/hooks?a=b").respond(status)
        assert await channel(client).post(call()) == expected


async def test_the_second_address_is_tried_when_the_first_does_not_listen(
    client: httpx.AsyncClient,
) -> None:
    with respx.mock:
        respx.post("https://93.184.215.15/hooks?a=b").mock(side_effect=httpx.ConnectError("no"))
        respx.post(f"https://{PUBLIC_ADDRESS}/hooks?a=b").respond(200)
        outcome = await channel(client, resolve=resolving_to("93.184.215.15", PUBLIC_ADDRESS)).post(
            call()
        )

    assert outcome == Outcome.done(status_code=200)


async def test_a_name_that_does_not_resolve_is_asked_again_later(
    client: httpx.AsyncClient,
) -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    assert await channel(client, resolve=unknown).post(call()) == Outcome.again("unreachable")
    assert await channel(client, resolve=resolving_to()).post(call()) == Outcome.again(
        "unreachable"
    )


async def test_a_receiver_that_drips_is_cut_off(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", 0.2)

    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return ()

    assert await channel(client, resolve=never).post(call()) == Outcome.again("timeout")


async def test_nobody_listening_is_unreachable(client: httpx.AsyncClient) -> None:
    url = f"http://127.0.0.1:{free_port()}/hooks"
    sending = channel(client, allow_private=True, resolve=webhook.resolve)

    assert await sending.post(call(url)) == Outcome.again("unreachable")


def test_the_key_comes_from_its_file_and_must_be_ed25519(keys_dir: Path, tmp_path: Path) -> None:
    assert public_key_text(load_webhook_key(keys_dir).public_key()).startswith("whpk_")

    (tmp_path / "notification").mkdir()
    other = (keys_dir / "internal" / "gateway.key.pem").read_bytes()
    (tmp_path / "notification" / "webhook.key.pem").write_bytes(other)
    with pytest.raises(TypeError):
        load_webhook_key(tmp_path)
