import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog.testing import CapturingLogger

from chassis import middleware, problems
from chassis.errors import Conflict, Unavailable
from chassis.http import create_api
from chassis.testing import FrozenClock


class Body(BaseModel):
    amount: int


class Away(Exception):
    """What a driver raises when the server is gone."""


class Taken(Conflict):
    code = "taken"


# By the code in the path of what goes wrong.
ERRORS = {
    "opens-a-receipt-1": OperationalError("SELECT 1", {}, Away()),
    "opens-a-receipt-2": ProgrammingError("SELECT 1", {}, Away()),
    "opens-a-receipt-3": RuntimeError(),
}


def app() -> FastAPI:
    api = create_api(
        title="t", service="t", verifier=None, clock=FrozenClock(), body_limit_bytes=99
    )

    @api.post("/v1/things")
    async def things(body: Body) -> None:
        if body.amount == 1:
            raise Taken("It is taken.", vi="Đã có người dùng.", field="amount")
        if body.amount == 2:
            raise Unavailable("Not now.")
        if body.amount == 4:
            raise OperationalError("SELECT secret", {}, Away())
        if body.amount == 5:
            raise DBAPIError("SELECT secret", {}, Away(), connection_invalidated=True)
        if body.amount == 6:
            raise PoolTimeout
        if body.amount == 7:
            raise ProgrammingError("SELECT secret", {}, Away())
        raise RuntimeError("a bug that knows a secret")

    @api.get("/v1/codes/{code}")
    async def codes(code: str) -> None:
        raise ERRORS[code]

    return api


async def post(content: bytes, language: str = "") -> httpx.Response:
    transport = httpx.ASGITransport(app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        headers = {"accept-language": language, "content-type": "application/json"}
        return await client.post("/v1/things", content=content, headers=headers)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b'{"amount":1}', 409, "taken"),
        (b'{"amount":2}', 503, "unavailable"),
        (b'{"amount":3}', 500, "internal"),
        (b'{"amount":4}', 503, "store_unavailable"),
        (b'{"amount":5}', 503, "store_unavailable"),
        (b'{"amount":6}', 503, "store_unavailable"),
        (b'{"amount":7}', 500, "internal"),
        (b'{"amount":"x"}', 422, "invalid"),
        (b"{", 400, "unreadable_json"),
        (b" " * 100, 413, "body_too_large"),
    ],
)
async def test_every_refusal_is_problem_json(content: bytes, status: int, code: str) -> None:
    answer = await post(content)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["request_id"]
    assert "secret" not in answer.text


async def test_a_refusal_speaks_vietnamese_unless_english_is_asked_for() -> None:
    assert (await post(b'{"amount":1}')).json()["detail"] == "Đã có người dùng."
    english = await post(b'{"amount":1}', "en-GB,vi;q=0.5")
    assert english.json()["detail"] == "It is taken."
    assert english.json()["errors"] == [{"field": "amount", "detail": "It is taken."}]


async def test_an_unknown_path_or_method_is_problem_json_too() -> None:
    transport = httpx.ASGITransport(app())
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        missing, wrong = await client.get("/v1/none"), await client.get("/v1/things")

    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert missing.json()["code"] == "not_found"


@pytest.mark.parametrize("code", ERRORS)
async def test_a_path_is_never_logged_for_its_parts_may_open_something(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = CapturingLogger()
    for module in (problems, middleware):
        monkeypatch.setattr(module, "log", heard)
    transport = httpx.ASGITransport(app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        await client.get(f"/v1/codes/{code}?code={code}")

    assert [call.kwargs["route"] for call in heard.calls] == ["/v1/codes/{code}"] * 2
    assert "opens-a-receipt" not in str(heard.calls)
