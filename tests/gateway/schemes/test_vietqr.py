"""vietqr.vn: it fetches a token from us first, and speaks with it for five minutes."""

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.errors import Unauthenticated
from gateway.authentication.schemes.vietqr import issue
from gateway.domain.callbacks.notice import Material, Parts
from gateway.domain.callbacks.registration import TOKEN_SECONDS
from tests.gateway.schemes.conftest import INSIDE, OpenStreet, Street
from tests.gateway.schemes.recorded_notices import AT, SECRET, recorded

NOTICE = recorded("vietqr")
NAME = NOTICE.material.secrets["username"]


def basic(name: str = NAME, password: str = SECRET) -> tuple[tuple[str, str], ...]:
    pair = b64encode(f"{name}:{password}".encode()).decode()
    return (("authorization", f"Basic {pair}"),)


def asking(headers: tuple[tuple[str, str], ...]) -> Parts:
    return Parts(headers=headers, received_at=AT)


async def fetch(street: Street, *, provider: str = "pay-vietqr", **sent: Any) -> httpx.Response:
    return await street.request(
        "POST", f"{provider}/api/token_generate", **{"headers": basic(), **sent}
    )


async def tell(street: Street, token: str, *, source: str = INSIDE) -> httpx.Response:
    return await street.request(
        "POST",
        "pay-vietqr/bank/api/transaction-sync",
        source=source,
        body=NOTICE.parts.body,
        headers=(("authorization", f"Bearer {token}"),),
    )


async def test_the_token_that_is_fetched_opens_the_place_that_is_told(street: Street) -> None:
    fetched = await fetch(street)
    told = await tell(street, fetched.json()["access_token"])

    assert fetched.json() == {
        "access_token": fetched.json()["access_token"],
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
    }
    assert fetched.headers["cache-control"] == "no-store"
    assert told.status_code == 200
    (sent,) = street.world.upstream.requests
    (kept,) = await street.evidence()
    assert sent.target == "/v1/provider-notifications/pay-vietqr/bank/api/transaction-sync"
    assert (sent.body, kept.body) == (NOTICE.parts.body, NOTICE.parts.body)
    assert kept.record["evidence_level"] == "P3"
    assert fetched.json()["access_token"] not in str(kept.record)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        basic(password="another pass"),
        basic(name="another"),
        (*basic(), *basic()),
        (("authorization", f"Bearer {SECRET}"),),
        (("authorization", basic()[0][1].lower()),),
    ],
)
async def test_without_name_and_password_there_is_no_token(
    street: Street, headers: tuple[tuple[str, str], ...]
) -> None:
    answer = await fetch(street, headers=headers)

    assert answer.status_code in (400, 401)
    assert SECRET not in answer.text


async def test_tokens_are_for_providers_that_fetch_them_and_from_where_they_are(
    street: Street,
) -> None:
    of_another = await fetch(street, provider="pay-sepay")
    of_nobody = await fetch(street, provider="pay-nobody")
    from_elsewhere = await fetch(street, source="198.51.100.7")
    token = (await fetch(street)).json()["access_token"]
    told_from_elsewhere = await tell(street, token, source="198.51.100.7")

    assert (of_another.status_code, of_nobody.status_code) == (404, 404)
    assert (from_elsewhere.status_code, told_from_elsewhere.status_code) == (403, 403)


def test_a_token_lives_five_minutes_and_not_a_second_longer() -> None:
    token = issue(asking(basic()), NOTICE.material)
    spoken = NOTICE.with_header("authorization", f"Bearer {token}")

    for seconds in (0, 1, TOKEN_SECONDS - 1):
        NOTICE.verify(replace(spoken, received_at=AT + timedelta(seconds=seconds)))
    for seconds in (-1, TOKEN_SECONDS, TOKEN_SECONDS + 1):
        with pytest.raises(Unauthenticated):
            NOTICE.verify(replace(spoken, received_at=AT + timedelta(seconds=seconds)))


def test_nobody_lengthens_the_life_of_a_token() -> None:
    expires, code = issue(asking(basic()), NOTICE.material).split(".")

    with pytest.raises(Unauthenticated):
        NOTICE.verify(NOTICE.with_header("authorization", f"Bearer {int(expires) + 1}.{code}"))


@pytest.mark.parametrize("name", ["token_secret", "username", "password"])
def test_changing_what_it_was_issued_by_ends_a_token(name: str) -> None:
    token = issue(asking(basic()), NOTICE.material)
    spoken = NOTICE.with_header("authorization", f"Bearer {token}")
    others = {**NOTICE.material.secrets, name: "another one"}

    with pytest.raises(Unauthenticated):
        NOTICE.verify(spoken, Material(secrets=others))


async def test_while_a_secret_changes_both_passwords_fetch_and_both_tokens_open(
    open_street: OpenStreet,
) -> None:
    secrets = {**NOTICE.material.secrets, "password": "the new one", "password_previous": SECRET}
    street = await open_street(
        {
            "pay-vietqr": {
                "scheme": "vietqr",
                "client_id": "bank-pay-vietqr",
                "networks": ["203.0.113.0/24"],
                "secrets": secrets,
            }
        }
    )

    fetched = [
        await fetch(street, headers=basic(password=one)) for one in ("the new one", SECRET, "wrong")
    ]
    told = [await tell(street, one.json()["access_token"]) for one in fetched[:2]]

    assert [one.status_code for one in fetched] == [200, 200, 401]
    assert [one.status_code for one in told] == [200, 200]
