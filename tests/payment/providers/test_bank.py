from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from chassis.canonical import canonical_json
from chassis.keys import PrivateKey, load_private_key, thumbprint
from chassis.message_signatures import sign_response
from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.notices.provider_notification import Outcome
from services.payment.ports.providers import Provider, Question
from services.payment.providers import ProviderTools, build_providers
from tests.payment.samples import FEE, NOON, notice_bytes, notice_facts

BILL = "LP0123456789"
URL = f"http://bank/enquiries/{BILL}"
QUESTION = Question(
    order_reference=None,
    provider_reference=None,
    bill_reference=BILL,
    account_number=None,
    amount=None,
    since=NOON,
)
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def bank_key(keys_dir: Path) -> PrivateKey:
    return load_private_key(keys_dir / "clients" / "bank-sandbox.key.pem")


def sandbox(keys_dir: Path, answer: Answer) -> Provider:
    tools = ProviderTools(
        client=httpx.AsyncClient(transport=httpx.MockTransport(answer)),
        clock=FrozenClock(NOON),
        ids=FakeIds(),
        keys_dir=keys_dir,
        sandbox_bank_url="http://bank/",
        public_origin="http://gateway",
    )
    return build_providers(["sandbox"], tools)["sandbox"]


def signed(key: PrivateKey, value: Any, **changes: Any) -> Answer:
    body = value if isinstance(value, bytes) else canonical_json(value)
    facts: dict[str, Any] = {
        "status": 200,
        "body": body,
        "method": "GET",
        "url": URL,
        "key_id": thumbprint(key.public_key()),
        "key": key,
        "clock": FrozenClock(NOON),
    }
    headers = sign_response(**facts | changes)
    return lambda _request: httpx.Response(200, content=body, headers=headers)


def payments(*facts: dict[str, Any]) -> dict[str, Any]:
    return {"bill_number": BILL, "payments": list(facts)}


def test_a_notice_is_translated_into_our_words(keys_dir: Path) -> None:
    facts = notice_facts(BILL)

    notice = sandbox(keys_dir, lambda _: httpx.Response(500)).parse_notification(
        notice_bytes(facts)
    )

    assert (notice.amount, notice.outcome) == (FEE, Outcome.SUCCEEDED)
    assert notice.provider_reference == facts["provider_reference"]
    assert notice.references.bills == (BILL,)
    assert notice.paid_at.isoformat() == "2026-11-23T12:01:00+07:00"


def test_a_refusal_names_the_field_and_quotes_nothing(keys_dir: Path) -> None:
    raw = notice_bytes(notice_facts(BILL, currency="Nguyễn Văn A"))

    with pytest.raises(UnreadableNotice) as refusal:
        sandbox(keys_dir, lambda _: httpx.Response(500)).parse_notification(raw)

    assert refusal.value.field == "currency"
    assert "Nguyễn" not in str(refusal.value)


async def test_a_signed_answer_tells_of_every_payment(keys_dir: Path, bank_key: PrivateKey) -> None:
    one, other = notice_facts(BILL), notice_facts(BILL)

    answer = await sandbox(keys_dir, signed(bank_key, payments(one, other))).enquire(QUESTION)

    assert (answer.outcome, answer.evidence_level) == (Outcome.SUCCEEDED, "P1")
    assert [notice.provider_reference for notice in answer.notices] == [
        one["provider_reference"],
        other["provider_reference"],
    ]
    assert answer.proof is not None
    assert answer.proof["url"] == URL
    assert {"signature", "signature-input", "content-digest"} <= set(answer.proof)
    assert answer.raw == canonical_json(payments(one, other))


@pytest.mark.parametrize(
    ("outcomes", "outcome"),
    [
        ([], Outcome.FAILED),
        (["failed"], Outcome.FAILED),
        (["failed", "succeeded"], Outcome.SUCCEEDED),
        (["succeeded", "pending"], Outcome.PENDING),
    ],
)
async def test_an_answer_is_summed_up(
    keys_dir: Path, bank_key: PrivateKey, outcomes: list[str], outcome: Outcome
) -> None:
    said = payments(*(notice_facts(BILL, outcome=one) for one in outcomes))

    assert (await sandbox(keys_dir, signed(bank_key, said)).enquire(QUESTION)).outcome is outcome


async def test_an_answer_that_nobody_or_another_signed_tells_nothing(
    keys_dir: Path, bank_key: PrivateKey
) -> None:
    said = payments(notice_facts(BILL))
    forger = generate_private_key(SECP256R1())
    honest = signed(bank_key, said)

    def altered(request: httpx.Request) -> httpx.Response:
        reply = honest(request)
        body = reply.content.replace(b"150000", b"150001")
        return httpx.Response(200, content=body, headers=reply.headers)

    answers: list[Answer] = [
        lambda _: httpx.Response(200, json=said),
        signed(forger, said),
        signed(forger, said, key_id=thumbprint(bank_key.public_key())),
        signed(bank_key, said, url=f"{URL}9"),
        signed(bank_key, said, clock=FrozenClock(NOON.replace(hour=1))),
        altered,
    ]

    outcomes = [(await sandbox(keys_dir, answer).enquire(QUESTION)).outcome for answer in answers]

    assert outcomes == [Outcome.UNKNOWN] * len(answers)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"null",
        b"{",
        {"bill_number": "LP9999999999", "payments": []},
        payments(notice_facts("LP9999999999")),
        payments({"amount": 1}),
        {"bill_number": BILL, "payments": "none"},
    ],
)
async def test_signed_garbage_tells_nothing_either(
    keys_dir: Path, bank_key: PrivateKey, said: Any
) -> None:
    answer = await sandbox(keys_dir, signed(bank_key, said)).enquire(QUESTION)

    assert (answer.outcome, answer.notices) == (Outcome.UNKNOWN, ())


def broken(error: Exception) -> Answer:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise error

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        broken(httpx.ReadTimeout("slow")),
        broken(httpx.ConnectError("down")),
        broken(httpx.RemoteProtocolError("odd")),
        lambda _: httpx.Response(500),
        lambda _: httpx.Response(404),
        lambda _: httpx.Response(302, headers={"location": "http://elsewhere/"}),
        lambda _: httpx.Response(200, headers={"signature-input": "lephi=(", "signature": "x"}),
        lambda _: httpx.Response(
            200,
            headers={
                "signature-input": 'lephi=("@status");tag="lephi-response-1"',
                "signature": "lephi=:AAAA:",
                "content-digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
            },
        ),
    ],
)
async def test_no_usable_answer_is_unknown_and_never_failed(keys_dir: Path, answer: Answer) -> None:
    assert (await sandbox(keys_dir, answer).enquire(QUESTION)).outcome is Outcome.UNKNOWN
