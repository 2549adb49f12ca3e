"""A gateway that trusts the sandbox identity provider, and a browser that goes between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from fastapi import FastAPI
from joserfc.jwk import ECKey

from chassis.ids import SystemIds
from deploy.sandbox_identity.federations_file import federations, relying_client
from deploy.sandbox_identity.main import create_identity
from deploy.sandbox_identity.provider import LEVELS, IdentityProvider, RelyingClient
from gateway.authentication.people.federations import ENTRIES, OidcFederations
from gateway.authentication.people.provider_documents import ProviderHttp
from tests.gateway.world import ORIGIN, World

ISSUER = "https://identity.test"
SECRET = "a secret of two houses"
LOGIN_COOKIE = "__Host-lephi-login"
CALLBACK = "/v1/federations/sandbox/callback"

Change = Callable[[httpx.Response], httpx.Response]


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """What the gateway sends the provider; a test may change what comes back."""

    identity: FastAPI
    changes: dict[str, Change] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.paths.append(path)
        answer = await httpx.ASGITransport(self.identity).handle_async_request(request)
        raw = await answer.aread()
        whole = httpx.Response(answer.status_code, headers=answer.headers, content=raw)
        return self.changes[path](whole) if path in self.changes else whole


@dataclass
class Browser:
    """Goes to the other house and comes back with what it was given there."""

    world: World
    wire: Wire
    provider: IdentityProvider

    async def begin(self, query: str = "") -> httpx.Response:
        answer = await self.world.http.get(f"/v1/federations/sandbox/login{query}")
        self.world.http.cookies.clear()
        return answer

    async def choose(
        self, url: str, *, citizen: str = "an", level: str = LEVELS[0]
    ) -> dict[str, str]:
        """What the provider sends back to the callback."""
        asked = dict(parse_qsl(urlsplit(url).query))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.wire.identity), base_url=ISSUER
        ) as http:
            shown = await http.get(url)
            assert shown.status_code == 200, shown.text
            chosen = {**asked, "citizen": citizen, "level": level}
            answer = await http.post("/authorize", data=chosen)
        assert answer.status_code == 303, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    async def come_back(self, given: Mapping[str, str], cookie: str) -> httpx.Response:
        answer = await self.world.http.get(
            CALLBACK, params=dict(given), headers={"cookie": f"{LOGIN_COOKIE}={cookie}"}
        )
        self.world.http.cookies.clear()
        return answer

    async def sign_in(self, **chosen: str) -> httpx.Response:
        begun = await self.begin()
        return await self.come_back(
            await self.choose(begun.headers["location"], **chosen), cookie_of(begun)
        )

    def change_claims(self, **changes: Any) -> None:
        """The provider says something else in its next tokens, signed as ever."""
        claims_of = self.provider._claims

        def changed(*args: Any, **more: Any) -> Mapping[str, Any]:
            said = {**claims_of(*args, **more), **changes}
            return {name: value for name, value in said.items() if value is not None}

        self.provider._claims = changed  # type: ignore[method-assign]

    def change_token(self, make: Callable[[str], str]) -> None:
        def changed(answer: httpx.Response) -> httpx.Response:
            said = {**answer.json(), "id_token": make(answer.json()["id_token"])}
            return httpx.Response(200, json=said)

        self.wire.changes["/token"] = changed


def cookie_of(answer: httpx.Response, name: str = LOGIN_COOKIE) -> str:
    for said in answer.headers.get_list("set-cookie"):
        if said.startswith(f"{name}="):
            return str(said.split(";")[0].removeprefix(f"{name}="))
    raise AssertionError(f"no cookie {name}")


def federate(world: World, *, key: ECKey | None = None, key_file: str = "") -> Browser:
    entry = federations(ISSUER, secret=SECRET)["sandbox"]
    client = relying_client(ORIGIN, secret=SECRET)
    if key is not None:
        entry = {**entry, "client_secret": None, "private_key_file": key_file}
        client = RelyingClient(
            client_id=client.client_id, redirect_uris=client.redirect_uris, public_key=key
        )
    identity = create_identity(ISSUER, client, clock=world.clock)
    wire = Wire(identity)
    made = OidcFederations(
        ENTRIES.validate_python({"sandbox": entry}),
        ProviderHttp(wire),
        public_origin=ORIGIN,
        clock=world.clock,
        ids=SystemIds(world.clock),
    )
    world.app.state.tools = replace(world.app.state.tools, federations=made)
    return Browser(world, wire, identity.state.provider)
