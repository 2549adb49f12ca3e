"""Whatever comes in, the answer is one that the interface knows: never a 500, never silence."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib import import_module
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from chassis.auth import Caller, TokenMinter, target_of
from chassis.bodies import Bodies, BodyBounds
from chassis.middleware import replay
from deploy.commands.houses import SERVICES, package_of
from deploy.embedded import Embedded, create_embedded

ORIGIN = "http://fuzzed.test"
EXAMPLES = 25
TOKEN_ENDPOINT = "/oauth2/token"


@pytest.fixture(scope="module")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Embedded]:
    made = create_embedded(var_dir=tmp_path_factory.mktemp("fuzzed"), public_origin=ORIGIN)
    async with made.running():
        yield made


class LetIn:
    """Stands where the gateway does: each request gets a token that fits it."""

    def __init__(self, app: Any, service: str, minter: TokenMinter) -> None:
        self._app = app
        self._service = service
        self._minter = minter
        self._caller = _caller_of(service)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = await Bodies(BodyBounds(bytes_max=1_000_000)).read(scope, receive)
        token = self._minter.mint(
            audience=self._service,
            method=scope["method"],
            target=target_of(scope),
            body=body,
            caller=self._caller,
        )  # fmt: skip
        headers = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
        scope["headers"] = [*headers, (b"authorization", f"Bearer {token}".encode())]
        await self._app(scope, replay(body, receive), send)


def _caller_of(service: str) -> Caller:
    """A client where clients are served, with every scope; else the public."""
    callers = import_module(f"{package_of(service)}.callers").CALLERS["gateway"]
    if "client" not in callers:
        return Caller(subject="public", kind="public")
    return Caller(
        subject="bank-sandbox",
        kind="client",
        client_id="bank-sandbox",
        scopes=callers["client"],
        evidence_id="01a20000-0000-7000-8000-000000000001",
        evidence_level="P1",
    )


def inputs(document: dict[str, Any]) -> list[Any]:
    """Requests of every operation: some as it asks for them, some as it does not."""
    drawn: list[Any] = []
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            operation: Any = found
            strategy = operation.ok().as_strategy(generation_mode=mode)

            @settings(
                max_examples=EXAMPLES,
                phases=[Phase.generate],
                database=None,
                derandomize=True,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def draw(case: Any) -> None:
                drawn.append(case)

            # An operation that takes no input cannot be given a wrong one.
            with suppress(Unsatisfiable):
                draw()
    return drawn


@pytest.mark.parametrize("service", SERVICES)
async def test_no_input_breaks_a_service(platform: Embedded, service: str) -> None:
    app = platform.services[service]
    minter = TokenMinter.from_directory(
        "gateway",
        platform.settings[service].keys_dir / "internal",
        clock=platform.clock,
        ids=platform.ids,
    )
    cases = inputs(app.openapi())
    assert len(cases) > EXAMPLES
    answers = await answered(LetIn(app, service, minter), cases)

    # The door was open, so that it was the rooms behind it that were tried.
    assert answers[401] == 0, answers
    assert any(status < 300 for status in answers), answers
    assert answers[422] > 0, answers


async def test_no_input_from_the_street_breaks_the_gateway(platform: Embedded) -> None:
    transport = httpx.ASGITransport(app=platform.gateway)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        document = (await client.get("/openapi.json")).json()

    answers = await answered(platform.gateway, inputs(document))

    assert answers[401] > 0, answers
    assert any(status < 300 for status in answers), answers


async def answered(app: Any, cases: list[Any]) -> Counter[int]:
    """How often each status came; whatever the interface does not know fails."""
    answers: Counter[int] = Counter()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        for case in cases:
            sent = case.as_transport_kwargs(base_url=ORIGIN)
            sent.pop("cookies", None)
            # What a header holds on the wire is bytes; the client here takes text for ASCII.
            sent["headers"] = [
                (name, value.encode("latin-1", "replace"))
                for name, value in dict(sent.get("headers") or {}).items()
            ]
            if isinstance(sent.get("data"), bytes | str):
                sent["content"] = sent.pop("data")
            answer = await client.request(**sent)
            answers[answer.status_code] += 1
            told = f"{case.method} {case.formatted_path}: {answer.status_code} {answer.text[:300]}"
            assert answer.status_code < 500, told
            if answer.status_code >= 400:
                # The token endpoint refuses in the words of RFC 6749.
                oauth = case.formatted_path == "/oauth2/token" and "error" in answer.json()
                assert oauth or answer.headers["content-type"] == "application/problem+json", told
                assert oauth or answer.json()["code"], told
    return answers
