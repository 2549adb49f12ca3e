"""The sandbox bank alone, with a recording platform in place of the gateway."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis.canonical import load_json
from chassis.clock import SystemClock
from chassis.keys import public_jwk, thumbprint
from chassis.message_signatures import (
    CALLBACK,
    BadSignature,
    SignedMessage,
    sign_response,
    verify,
    verify_response,
)
from deploy.sandbox_bank.main import create_bank
from deploy.sandbox_bank.settings import BankSettings
from services.payment.domain.qr.vietqr import VietQr, write_qr

GATEWAY = "http://platform.test"
KEY = ec.generate_private_key(ec.SECP256R1())
# What the platform signs its answers with.
OURS = ec.generate_private_key(ec.SECP256R1())
OUR_ID = thumbprint(OURS.public_key())
QR = write_qr(
    VietQr(
        bank_bin="970436",
        account="0011004000111",
        amount=150_000,
        bill_number="LP0000000001",
        purpose="H19.25-261123-0001",
        merchant_name="So Tu phap",
    )
)


class Platform:
    """Takes callbacks, checks their signatures, and answers as told, 200 in the end."""

    def __init__(self, *statuses: int) -> None:
        self.notices: list[dict[str, Any]] = []
        self.forged: list[dict[str, Any]] = []
        self._statuses = list(statuses)
        # So many answers are spoken by somebody else.
        self.forged_answers = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/.well-known/jwks.json":
            return httpx.Response(
                200, json={"keys": [{**public_jwk(OURS.public_key()), "kid": OUR_ID}]}
            )
        body = await request.aread()
        message = SignedMessage(
            method=request.method,
            url=str(request.url),
            headers=[(name, value) for name, value in request.headers.items()],
            body=body,
        )
        try:
            verify(message, shape=CALLBACK, key=KEY.public_key(), now=SystemClock().now())
        except BadSignature:
            self.forged.append(load_json(body))
            return self._answer(request, 401)
        self.notices.append(load_json(body))
        status = self._statuses.pop(0) if self._statuses else 200
        return self._answer(request, status)

    def _answer(self, request: httpx.Request, status: int) -> httpx.Response:
        body = b'{"status":"settled"}'
        key = OURS if self.forged_answers == 0 else KEY
        self.forged_answers = max(0, self.forged_answers - 1)
        headers = sign_response(
            status=status,
            body=body,
            method=request.method,
            url=str(request.url),
            request_headers=list(request.headers.items()),
            key_id=OUR_ID,
            key=key,
            clock=SystemClock(),
        )
        return httpx.Response(status, content=body, headers=headers)


Running = Callable[..., Any]


@pytest.fixture
def settings(tmp_path: Path) -> BankSettings:
    key = tmp_path / "bank.key.pem"
    key.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return BankSettings(
        gateway_url=GATEWAY, key=key, ledger=tmp_path / "bank.sqlite", first_pause_seconds=0.01
    )


@asynccontextmanager
async def bank_telling(
    platform: Platform, settings: BankSettings
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_bank(settings, client=httpx.AsyncClient(transport=httpx.MockTransport(platform)))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://bank.test") as client,
    ):
        yield client


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def pay(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    reply = await client.post("/pay", json={"qr": QR, **more})
    assert reply.status_code == 201, reply.text
    payment: dict[str, Any] = reply.json()
    return payment


async def test_paying_a_code_credits_the_account_and_posts_a_signed_notice(
    settings: BankSettings,
) -> None:
    platform = Platform()
    async with bank_telling(platform, settings) as client:
        payment = await pay(client)
        await until(lambda: bool(platform.notices))
        account = (await client.get("/accounts/970436/0011004000111")).json()

    (notice,) = platform.notices
    assert notice.pop("notice_id")
    assert notice == {
        "provider_reference": payment["provider_reference"],
        "bill_number": "LP0000000001",
        "purpose": "H19.25-261123-0001",
        "bank_bin": "970436",
        "account_number": "0011004000111",
        "amount": 150_000,
        "currency": "VND",
        "outcome": "succeeded",
        "paid_at": payment["paid_at"],
    }
    assert account["balance"] == 150_000


async def test_a_notice_is_repeated_until_it_is_heard_and_stays_the_same_notice(
    settings: BankSettings,
) -> None:
    platform = Platform(503, 500)
    async with bank_telling(platform, settings) as client:
        payment = await pay(client)
        await until(lambda: len(platform.notices) == 3)
        await asyncio.sleep(0.1)
        shown = (await client.get(f"/payments/{payment['provider_reference']}")).json()

    assert [attempt["status"] for attempt in shown["attempts"]] == [503, 500, 200]
    assert len({notice["notice_id"] for notice in platform.notices}) == 1


async def test_a_yes_that_is_not_the_platforms_own_is_not_believed(settings: BankSettings) -> None:
    platform = Platform()
    platform.forged_answers = 2
    async with bank_telling(platform, settings) as client:
        payment = await pay(client)
        await until(lambda: len(platform.notices) == 3)
        await asyncio.sleep(0.1)
        shown = (await client.get(f"/payments/{payment['provider_reference']}")).json()

    assert [attempt["status"] for attempt in shown["attempts"]] == [None, None, 200]


async def test_a_platform_that_never_hears_is_given_up_on(settings: BankSettings) -> None:
    platform = Platform(*[500] * 50)
    bounded = settings.model_copy(update={"tries_max": 3})
    async with bank_telling(platform, bounded) as client:
        await pay(client)
        await until(lambda: len(platform.notices) == 3)
        await asyncio.sleep(0.2)

    assert len(platform.notices) == 3


async def test_said_twice_is_one_payment_in_two_notices(settings: BankSettings) -> None:
    platform = Platform()
    async with bank_telling(platform, settings) as client:
        await pay(client, behaviour="twice")
        await until(lambda: len(platform.notices) == 2)
        balance = (await client.get("/accounts/970436/0011004000111")).json()["balance"]

    first, second = platform.notices
    assert first["provider_reference"] == second["provider_reference"]
    assert first["notice_id"] != second["notice_id"]
    assert balance == 150_000


async def test_a_late_notice_waits(settings: BankSettings) -> None:
    platform = Platform()
    async with bank_telling(platform, settings) as client:
        await pay(client, behaviour="late", delay_seconds=0.3)
        await asyncio.sleep(0.1)
        early = len(platform.notices)
        await until(lambda: len(platform.notices) == 1)

    assert early == 0


async def test_a_wrong_amount_is_what_was_really_paid(settings: BankSettings) -> None:
    platform = Platform()
    async with bank_telling(platform, settings) as client:
        payment = await pay(client, behaviour="wrong_amount")
        await until(lambda: bool(platform.notices))
        enquiry = (await client.get("/enquiries/LP0000000001")).json()

    assert payment["amount"] == platform.notices[0]["amount"] == 149_000
    assert [one["amount"] for one in enquiry["payments"]] == [149_000]


async def test_a_badly_signed_notice_goes_out_once_and_a_good_one_on_demand(
    settings: BankSettings,
) -> None:
    platform = Platform()
    async with bank_telling(platform, settings) as client:
        payment = await pay(client, behaviour="bad_signature")
        await until(lambda: bool(platform.forged))
        reply = await client.post(f"/payments/{payment['provider_reference']}/notify")

    assert len(platform.forged) == 1
    assert len(platform.notices) == 1
    assert reply.json()["items"][0]["status"] == 200


async def test_a_silent_bank_still_answers_a_signed_enquiry(settings: BankSettings) -> None:
    platform = Platform()
    async with bank_telling(platform, settings) as client:
        payment = await pay(client, behaviour="silent")
        reply = await client.get("/enquiries/LP0000000001")

    assert platform.notices == []
    verify_response(
        status=reply.status_code,
        headers=reply.headers,
        body=reply.content,
        method="GET",
        url="http://bank.test/enquiries/LP0000000001",
        key_id=thumbprint(KEY.public_key()),
        key=KEY.public_key(),
        now=SystemClock().now(),
    )
    (known,) = reply.json()["payments"]
    assert known["provider_reference"] == payment["provider_reference"]


async def test_an_enquiry_about_an_unknown_bill_names_no_payment(settings: BankSettings) -> None:
    async with bank_telling(Platform(), settings) as client:
        reply = await client.get("/enquiries/LP9999999999")

    assert reply.status_code == 200
    assert reply.json() == {"bill_number": "LP9999999999", "payments": []}
    assert "signature" in reply.headers


@pytest.mark.parametrize("qr", ["", "hello", QR[:-1] + "0", "0" * 1025])
async def test_an_unreadable_code_is_refused(qr: str, settings: BankSettings) -> None:
    async with bank_telling(Platform(), settings) as client:
        reply = await client.post("/pay", json={"qr": qr})
        payments = (await client.get("/payments")).json()["items"]

    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert payments == []


async def test_a_code_without_an_amount_needs_one_from_the_payer(settings: BankSettings) -> None:
    qr = write_qr(VietQr(bank_bin="970436", account="0011004000111", bill_number="LP1"))
    async with bank_telling(Platform(), settings) as client:
        refused = await client.post("/pay", json={"qr": qr})
        paid = await client.post("/pay", json={"qr": qr, "amount": 20_000})

    assert (refused.status_code, refused.json()["code"]) == (422, "amount_missing")
    assert paid.json()["amount"] == 20_000


async def test_what_nobody_heard_is_said_again_after_a_restart(settings: BankSettings) -> None:
    deaf = Platform(*[500] * 50)
    async with bank_telling(deaf, settings.model_copy(update={"tries_max": 1})) as client:
        await pay(client)
        await until(lambda: bool(deaf.notices))
        await asyncio.sleep(0.05)
    platform = Platform()
    async with bank_telling(platform, settings):
        await until(lambda: bool(platform.notices))

    assert platform.notices[0]["provider_reference"] == deaf.notices[0]["provider_reference"]


async def test_people_can_look_at_the_payments(settings: BankSettings) -> None:
    async with bank_telling(Platform(), settings) as client:
        empty = await client.get("/")
        payment = await pay(client, behaviour="silent")
        page = await client.get("/")

    assert "Chưa có giao dịch" in empty.text
    assert payment["provider_reference"] in page.text
    assert "150.000" in page.text
