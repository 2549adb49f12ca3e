"""A refused notice is answered in the words that its provider waits for, and does nothing else."""

import json
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from chassis.message_signatures import AnswerChecks
from chassis.testing import FrozenClock
from gateway.authentication.schemes import SCHEMES
from gateway.ports.upstream import UpstreamAnswer
from tests.gateway.routes.test_signed_answers import published
from tests.gateway.schemes.conftest import Street
from tests.gateway.schemes.recorded_notices import BEARER, JUDGED, recorded, refused
from tests.gateway.world import ORIGIN, json_answer

OUTSIDE = "198.51.100.7"
FORGED = {
    "vnpay": {"RspCode": "97", "Message": "Fail checksum"},
    "vnptpay": {"RESPONSE_CODE": "97", "DESCRIPTION": "Invalid secure code"},
    "national": {"MaLoi": "97", "MoTaLoi": "Sai mã xác thực"},
    "zalopay": {"return_code": -1, "return_message": "mac not equal"},
}
FROM_ELSEWHERE = {
    "vnpay": {"RspCode": "03", "Message": "IP prohibited"},
}
OUR_FAULT = {
    "vnpay": {"RspCode": "99", "Message": "Unknown error"},
    "vnptpay": {"RESPONSE_CODE": "99", "DESCRIPTION": "Unknown error"},
    "national": {"MaLoi": "99", "MoTaLoi": "Lỗi hệ thống"},
    "zalopay": {"return_code": 0, "return_message": "not heard"},
}
WORDED = sorted(FORGED)
# They say a notice again after any status that is no success.
BY_STATUS = sorted(set(JUDGED) - set(WORDED))


async def send_forged(street: Street, scheme: str) -> httpx.Response:
    parts = recorded(scheme).parts
    forged = (("authorization", f"Bearer 1795399500.{'0' * 128}"),)
    return await street.send(
        scheme,
        headers=forged if scheme in BEARER else parts.headers,
        body=parts.body.replace(b"150000", b"150001"),
        query=parts.query.replace("vnp_Amount=15", "vnp_Amount=16"),
    )


def problem(status: int, code: str) -> UpstreamAnswer:
    answer = json_answer({"status": status, "code": code}, status)
    headers = (("content-type", "application/problem+json"),)
    return UpstreamAnswer(status=status, headers=headers, body=answer.body)


def let_payment_say(street: Street, scheme: str, answer: UpstreamAnswer) -> None:
    path = f"/v1/provider-notifications/pay-{scheme}"
    street.world.upstream.answers[SCHEMES[scheme].method, path] = answer


def counted(scheme: str, status: int) -> float:
    labels = {
        "service": "gateway",
        "method": SCHEMES[scheme].method,
        "route": "/v1/provider-notifications/{provider}",
        "status": str(status),
    }
    return REGISTRY.get_sample_value("http_requests_total", labels) or 0.0


def test_every_scheme_either_has_words_of_its_own_or_goes_by_the_status() -> None:
    assert sorted(name for name in JUDGED if SCHEMES[name].word) == WORDED
    assert {"momo", "payos", "sepay", "casso"} <= set(BY_STATUS)


@pytest.mark.parametrize("scheme", WORDED)
async def test_a_forged_notice_is_refused_in_its_providers_words(
    street: Street, scheme: str
) -> None:
    answer = await send_forged(street, scheme)

    assert (answer.status_code, answer.json()) == (200, FORGED[scheme])
    assert answer.headers["content-type"] == "application/json"
    assert refused(answer) == "bad_callback"
    assert (street.world.upstream.requests, await street.evidence()) == ([], [])


@pytest.mark.parametrize("scheme", WORDED)
async def test_a_notice_from_elsewhere_is_refused_in_its_providers_words(
    street: Street, scheme: str
) -> None:
    answer = await street.send(scheme, source=OUTSIDE)

    said = FROM_ELSEWHERE.get(scheme, OUR_FAULT[scheme])
    assert (answer.status_code, answer.json()) == (200, said)
    assert refused(answer) == "source_not_allowed"
    assert (street.world.upstream.requests, await street.evidence()) == ([], [])


@pytest.mark.parametrize("scheme", WORDED)
async def test_an_unreadable_notice_is_refused_in_its_providers_words(
    street: Street, scheme: str
) -> None:
    garbage: dict[str, Any] = {"query": "a=1&a=2"} if scheme == "vnpay" else {"body": b"{"}

    answer = await street.send(scheme, **garbage)

    assert (answer.status_code, answer.json()) == (200, OUR_FAULT[scheme])
    assert (street.world.upstream.requests, await street.evidence()) == ([], [])


@pytest.mark.parametrize("scheme", WORDED)
async def test_when_payment_is_out_of_reach_the_provider_is_asked_to_say_it_again(
    street: Street, scheme: str
) -> None:
    street.world.upstream.down = True
    away = await street.send(scheme)
    street.world.upstream.down = False
    again = await street.send(scheme)

    assert (away.status_code, away.json()) == (200, OUR_FAULT[scheme])
    assert refused(away) == "service_unavailable"
    assert (again.status_code, "lephi-refusal" in again.headers) == (200, False)
    assert len(await street.evidence()) == 1


@pytest.mark.parametrize("scheme", WORDED)
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (503, "store_unavailable"),
        (422, "unreadable_notice"),
        (403, "weak_evidence"),
        (404, "unknown_provider"),
    ],
)
async def test_what_payment_refuses_is_put_into_the_providers_words(
    street: Street, scheme: str, status: int, code: str
) -> None:
    let_payment_say(street, scheme, problem(status, code))

    answer = await street.send(scheme)

    assert (answer.status_code, answer.json()) == (200, OUR_FAULT[scheme])
    assert refused(answer) == code


@pytest.mark.parametrize("scheme", WORDED)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"code":7}', b'{"code":"a\\r\\nb"}'])
async def test_a_problem_that_names_nothing_is_a_refusal_all_the_same(
    street: Street, scheme: str, body: bytes
) -> None:
    headers = (("content-type", "application/problem+json"),)
    let_payment_say(street, scheme, UpstreamAnswer(status=409, headers=headers, body=body))

    answer = await street.send(scheme)

    assert (answer.json(), refused(answer)) == (OUR_FAULT[scheme], "refused")


@pytest.mark.parametrize("scheme", WORDED)
async def test_an_answer_that_payment_worded_itself_is_left_as_it_is(
    street: Street, scheme: str
) -> None:
    let_payment_say(street, scheme, json_answer({"said": "by the adapter"}, 400))

    answer = await street.send(scheme)

    assert (answer.status_code, answer.json()) == (400, {"said": "by the adapter"})


@pytest.mark.parametrize("scheme", BY_STATUS)
async def test_who_goes_by_the_status_hears_a_problem(street: Street, scheme: str) -> None:
    answer = await send_forged(street, scheme)
    street.world.upstream.down = True
    away = await street.send(scheme)

    assert answer.status_code in (400, 401)
    assert away.status_code == 503
    for one in (answer, away):
        assert one.headers["content-type"] == "application/problem+json"
        assert "lephi-refusal" not in one.headers


@pytest.mark.parametrize("scheme", WORDED)
async def test_a_refusal_in_other_words_is_counted_and_logged_as_the_refusal_it_is(
    street: Street, scheme: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = counted(scheme, 401), counted(scheme, 503), counted(scheme, 200)

    await send_forged(street, scheme)
    street.world.upstream.down = True
    await street.send(scheme)

    after = counted(scheme, 401), counted(scheme, 503), counted(scheme, 200)
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 0]
    assert "notice refused" in capsys.readouterr().out


@pytest.mark.parametrize("scheme", WORDED)
async def test_a_refusal_in_other_words_is_signed_by_the_gateway(
    street: Street, scheme: str
) -> None:
    answer = await send_forged(street, scheme)

    request = answer.request
    checks = AnswerChecks(
        await published(street.world), clock=FrozenClock(street.world.clock.now())
    )
    checks.check(
        status=answer.status_code,
        headers=dict(answer.headers),
        body=answer.content,
        method=request.method,
        url=str(request.url),
        request_headers=[(name.lower(), value) for name, value in request.headers.items()],
    )
    assert str(request.url).startswith(ORIGIN)


@pytest.mark.parametrize("scheme", WORDED)
async def test_no_word_of_who_is_refused_comes_back_to_them(street: Street, scheme: str) -> None:
    answer = await send_forged(street, scheme)

    said = json.dumps(answer.json())
    assert "DEV0001" not in said
    assert not {"SECURE_CODE", "MaXacThuc", "mac", "signature"} & answer.json().keys()
