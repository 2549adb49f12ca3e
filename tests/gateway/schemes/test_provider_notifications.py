"""Providers' notices through the whole gateway, each by its own scheme."""

import base64
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.authentication.callbacks.provider_checks import secret_id
from gateway.authentication.callbacks.register import BadRegistration, read_registrations
from gateway.authentication.schemes import SCHEMES
from tests.gateway.schemes.conftest import INSIDE, NETWORK, OpenStreet, Street
from tests.gateway.schemes.recorded_notices import (
    BEARER,
    JUDGED,
    SECRET,
    SHARED_SECRET,
    recorded,
    refused,
)
from tests.gateway.schemes.test_jws import sign

NOT_PROVED = {"bad_callback", "unreadable_callback", "unreadable_json", "unexpected_body"}
OUTSIDE = "198.51.100.7"
NEW_SECRET = "THE-SECRET-AFTER-THAT-ONE-000000"


def token_of(street: Street, number: int = -1) -> dict[str, Any]:
    sent = street.world.upstream.requests[number]
    given = dict(sent.headers)["authorization"].removeprefix("Bearer ")
    claims: dict[str, Any] = jwt.decode(given, options={"verify_signature": False})
    return claims


@pytest.mark.parametrize("scheme", JUDGED)
async def test_a_notice_comes_in_with_its_level_and_its_evidence(
    street: Street, scheme: str
) -> None:
    answer = await street.send(scheme)

    assert answer.status_code == 200, answer.text
    (sent,) = street.world.upstream.requests
    (kept,) = await street.evidence()
    parts = recorded(scheme).parts
    path = f"/v1/provider-notifications/pay-{scheme}"
    assert sent.target == (f"{path}?{parts.query}" if parts.query else path)
    assert (sent.method, sent.body) == (parts.method, parts.body)
    claims = token_of(street)
    assert (claims["evl"], claims["ev"]) == (SCHEMES[scheme].level, str(kept.id))
    assert claims["client_id"] == kept.client_id == f"bank-pay-{scheme}"
    assert (kept.body, kept.signature_base) == (parts.body, recorded(scheme).verify().base)
    record = kept.record
    assert (record["scheme"], record["evidence_level"]) == (scheme, SCHEMES[scheme].level)
    assert (record["provider"], record["source"]) == (f"pay-{scheme}", INSIDE)
    assert base64.b64decode(record["signature"]).decode() == recorded(scheme).verify().signature
    assert SECRET not in json.dumps(record)


@pytest.mark.parametrize("scheme", SHARED_SECRET)
async def test_the_record_names_the_secret_without_telling_it(street: Street, scheme: str) -> None:
    await street.send(scheme)

    (kept,) = await street.evidence()
    assert kept.record["key_id"] == secret_id(SECRET)
    assert len(kept.record["key_id"]) == 16


@pytest.mark.parametrize("scheme", JUDGED)
async def test_the_identical_notice_again_is_the_same_evidence(street: Street, scheme: str) -> None:
    answers = [await street.send(scheme) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(await street.evidence()) == 1
    assert token_of(street, 0)["ev"] == token_of(street, 1)["ev"]


async def test_what_is_forwarded_always_has_evidence_of_those_very_bytes(street: Street) -> None:
    said = json.loads(recorded("vnptpay").parts.body)
    bodies = [json.dumps({**said, "MERCHANT_DATA": data}).encode() for data in ("a", "b", "a")]

    for body in bodies:
        assert (await street.send("vnptpay", body=body)).status_code == 200

    assert [kept.body for kept in await street.evidence()] == bodies[:2]


@pytest.mark.parametrize("scheme", sorted(set(JUDGED) - BEARER))
async def test_a_notice_changed_by_one_letter_leaves_nothing(street: Street, scheme: str) -> None:
    parts = recorded(scheme).parts

    answer = await street.send(
        scheme, body=parts.body.replace(b"150000", b"150001"), query=parts.query.replace("15", "16")
    )

    assert refused(answer) in NOT_PROVED
    assert (street.world.upstream.requests, await street.evidence()) == ([], [])


@pytest.mark.parametrize("scheme", JUDGED)
async def test_a_provider_is_heard_by_its_own_scheme_only(street: Street, scheme: str) -> None:
    """Whatever a message looks like, the registration decides: nothing can be downgraded."""
    for other in JUDGED:
        if other != scheme:
            answer = await street.send(scheme, provider=f"pay-{other}")
            assert refused(answer) in NOT_PROVED, other
    assert (street.world.upstream.requests, await street.evidence()) == ([], [])


async def test_a_bank_with_a_registered_key_is_not_heard_by_anything_weaker(
    open_street: OpenStreet,
) -> None:
    street = await open_street({"sandbox": {"scheme": "rfc9421", "client_id": "bank-sandbox"}})

    for scheme in JUDGED:
        assert (await street.send(scheme, provider="sandbox")).status_code == 401
    assert (await street.world.send(street.world.notification())).status_code == 200
    assert token_of(street)["evl"] == "P1"


async def test_a_provider_with_a_file_for_another_scheme_has_no_second_way_in(
    open_street: OpenStreet,
) -> None:
    secrets = dict(recorded("momo").material.secrets)
    said = {"scheme": "momo", "client_id": "bank-sandbox", "secrets": secrets}
    street = await open_street({"sandbox": {**said, "networks": ["0.0.0.0/1"]}})

    assert (await street.world.send(street.world.notification())).status_code == 400
    assert await street.evidence() == []


async def test_two_providers_of_one_scheme_have_their_own_secrets(
    open_street: OpenStreet,
) -> None:
    said = {"scheme": "vnpay", "client_id": "bank-b", "networks": [NETWORK]}
    street = await open_street({"b": {**said, "secrets": {"hash_secret": NEW_SECRET}}})

    assert refused(await street.send("vnpay", provider="b")) == "bad_callback"


@pytest.mark.parametrize("scheme", SHARED_SECRET)
async def test_the_secret_before_is_accepted_while_it_is_registered(
    open_street: OpenStreet, scheme: str
) -> None:
    held = dict(recorded(scheme).material.secrets)
    name = next(iter(held))
    said = {"scheme": scheme, "client_id": "bank-x", "networks": [NETWORK]}
    rotating = {**held, name: NEW_SECRET, f"{name}_previous": held[name]}
    street = await open_street(
        {
            "rotating": {**said, "secrets": rotating},
            "rotated": {**said, "secrets": {**held, name: NEW_SECRET}},
        }
    )

    assert (await street.send(scheme, provider="rotating")).status_code == 200
    assert refused(await street.send(scheme, provider="rotated")) == "bad_callback"
    (kept,) = await street.evidence()
    assert kept.record["key_id"] == secret_id(held[name])


@pytest.mark.parametrize("scheme", SHARED_SECRET)
async def test_a_shared_secret_from_elsewhere_is_refused(street: Street, scheme: str) -> None:
    answer = await street.send(scheme, source=OUTSIDE)

    assert refused(answer) == "source_not_allowed"
    assert (street.world.upstream.requests, await street.evidence()) == ([], [])


async def test_a_shared_secret_without_a_list_of_addresses_is_refused(
    open_street: OpenStreet,
) -> None:
    secrets = dict(recorded("vnpay").material.secrets)
    said = {"scheme": "vnpay", "client_id": "bank-x", "secrets": secrets}
    street = await open_street({"x": said})

    answer = await street.send("vnpay", provider="x")

    assert refused(answer) == "source_not_allowed"


async def test_a_strong_proof_needs_no_list_but_a_list_that_is_there_counts(
    open_street: OpenStreet,
) -> None:
    listed = {"scheme": "rfc9421", "client_id": "bank-sandbox", "networks": [NETWORK]}
    street = await open_street({"sandbox": listed})

    assert (await street.send("jws", source=OUTSIDE)).status_code == 200
    refused = await street.world.send(street.world.notification())
    assert (refused.status_code, refused.json()["code"]) == (403, "source_not_allowed")


async def test_only_a_trusted_terminator_says_for_whom_it_speaks(
    open_street: OpenStreet,
) -> None:
    street = await open_street(terminator_networks=("192.0.2.0/28",))

    async def ask(source: str, *said: str) -> str | None:
        headers = [("x-forwarded-for", each) for each in said]
        answer = await street.send("vnpay", source=source, headers=headers)
        return refused(answer) if "lephi-refusal" in answer.headers else None

    assert await ask("192.0.2.1", INSIDE) is None
    assert await ask("192.0.2.1", f"{OUTSIDE}, {INSIDE}") is None
    assert await ask("192.0.2.1", OUTSIDE, INSIDE) is None
    # Callers write what stands before the last entry.
    assert await ask("192.0.2.1", f"{INSIDE}, {OUTSIDE}") == "source_not_allowed"
    assert await ask("192.0.2.1", INSIDE, OUTSIDE) == "source_not_allowed"
    assert await ask("192.0.2.1", "nobody") == "source_not_allowed"
    assert await ask("192.0.2.1") == "source_not_allowed"
    assert await ask("192.0.2.99", INSIDE) == "source_not_allowed"
    assert await ask(f"::ffff:{INSIDE}") is None


async def test_a_provider_nobody_knows_is_not_found(street: Street) -> None:
    for method in ("GET", "POST"):
        answer = await street.request(method, "nobody")
        assert (answer.status_code, answer.json()["code"]) == (404, "provider_not_found")
    signed = street.world.sign("bank-sandbox", "POST", "/v1/provider-notifications/nobody", b"{}")
    assert (await street.world.send(signed)).status_code == 404
    assert (await street.request("GET", "sandbox")).status_code == 401


async def test_the_way_of_sending_belongs_to_the_scheme(street: Street) -> None:
    assert refused(await street.send("vnpay", method="POST")) == "bad_callback"
    assert (await street.send("momo", method="GET", body=b"")).status_code == 401
    # A query on a signed body would be signed by nobody.
    assert (await street.send("momo", query="amount=1")).status_code == 400
    assert (await street.send("jws", query="a=1")).status_code == 400


async def test_a_body_beyond_the_limit_is_refused_at_the_door(street: Street) -> None:
    for scheme in JUDGED:
        answer = await street.send(scheme, body=b"{" + b" " * 70_000)
        assert refused(answer) in {*NOT_PROVED, "body_too_large"}


async def test_a_revoked_or_foreign_key_opens_nothing(open_street: OpenStreet) -> None:
    said = {"scheme": "jws", "client_id": "bank-sandbox"}
    street = await open_street({"sandbox": said})

    foreign = await street.send("jws", provider="sandbox")
    known = await street.send("jws")

    assert (foreign.status_code, known.status_code) == (401, 200)


async def test_a_number_used_for_other_words_is_refused(street: Street) -> None:
    first = sign(b'{"amount":1}', jti="a-number-that-is-used-twice")
    second = sign(b'{"amount":2}', jti="a-number-that-is-used-twice")
    answers = []
    for body, jws in ((b'{"amount":1}', first), (b'{"amount":2}', second)):
        answers.append(await street.send("jws", body=body, headers=[("lephi-jws", jws)]))

    assert [answer.status_code for answer in answers] == [200, 401]
    assert answers[1].json()["code"] == "nonce_reused"


async def test_a_refusal_is_logged_with_its_reason_and_without_a_secret(
    street: Street, capsys: pytest.CaptureFixture[str]
) -> None:
    await street.send("vnpay", source=OUTSIDE)

    said = capsys.readouterr()
    assert "notice refused" in said.out + said.err
    assert SECRET not in said.out + said.err
    assert SECRET not in repr(read_registrations(street.world.settings.keys_dir, SCHEMES))


@pytest.mark.parametrize(
    "change",
    [
        {"scheme": "rot13"},
        {"scheme": None},
        {"client_id": "Bank X"},
        {"secrets": {}},
        {"secrets": {"hash_secret": ""}},
        {"secrets": {"hash_secret": "short"}},
        {"secrets": {"hash_secret": SECRET, "api_key": SECRET}},
        {"secrets": {"hash_secret": SECRET, "other_previous": SECRET}},
        {"networks": ["0.0.0.0/0"]},
        {"networks": ["nowhere"]},
        {"networks": [7]},
        {"networks": NETWORK},
        {"password": "x"},
    ],
)
def test_a_file_that_would_have_to_be_guessed_at_stops_the_start(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    said = {
        "scheme": "vnpay",
        "client_id": "bank-x",
        "secrets": {"hash_secret": SECRET},
        "networks": [NETWORK],
    }
    folder = tmp_path / "providers"
    folder.mkdir()
    (folder / "x.json").write_text(json.dumps({**said, **change}))

    with pytest.raises(BadRegistration) as refused:
        read_registrations(tmp_path, SCHEMES)

    assert SECRET not in str(refused.value)


def test_a_registration_never_holds_two_ways_of_one_scheme(tmp_path: Path) -> None:
    folder = tmp_path / "providers"
    folder.mkdir()
    both = {"webhook_secret": SECRET, "api_key": SECRET}
    said = {"scheme": "sepay", "client_id": "bank-x", "secrets": both, "networks": [NETWORK]}
    (folder / "x.json").write_text(json.dumps(said))

    with pytest.raises(BadRegistration):
        read_registrations(tmp_path, SCHEMES)


def test_a_file_that_everybody_can_read_is_said_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "providers"
    folder.mkdir()
    file = folder / "x.json"
    file.write_text(json.dumps({"scheme": "rfc9421", "client_id": "bank-x"}))
    for mode, warned in ((0o600, False), (0o644, True)):
        file.chmod(mode)
        read_registrations(tmp_path, SCHEMES)
        assert ("read by everybody" in capsys.readouterr().out) is warned


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=st.binary(max_size=300), query=st.binary(max_size=100), value=st.binary(max_size=100))
async def test_random_bytes_are_refused_and_never_an_error_of_ours(
    street: Street, body: bytes, query: bytes, value: bytes
) -> None:
    text = "".join(chr(33 + each % 94) for each in value)
    asked = "".join(chr(33 + each % 94) for each in query if chr(33 + each % 94) not in "#?")
    for scheme in JUDGED:
        headers = [(name, text) for name, _old in recorded(scheme).parts.headers]
        sent = b"" if scheme == "vnpay" else body
        answer = await street.send(scheme, body=sent, headers=headers, query=asked)
        assert refused(answer)
