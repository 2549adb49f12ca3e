"""The provider as a web program: discovery, keys, a page to choose a citizen, and tokens."""

from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.clock import Clock, SystemClock
from chassis.ids import Ids, SystemIds
from deploy.sandbox_identity.citizens import CITIZENS
from deploy.sandbox_identity.provider import (
    LEVELS,
    IdentityProvider,
    Refusal,
    RelyingClient,
)

BODY_BYTES_MAX: Final = 16384
FIELDS_MAX: Final = 20
NO_STORE: Final = {"cache-control": "no-store"}
PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
)


def create_identity(
    issuer: str, client: RelyingClient, *, clock: Clock | None = None, ids: Ids | None = None
) -> FastAPI:
    clock = clock or SystemClock()
    provider = IdentityProvider(
        issuer=issuer, client=client, clock=clock, ids=ids or SystemIds(clock)
    )
    app = FastAPI(title="Sandbox identity", openapi_url=None)
    app.state.provider = provider

    @app.exception_handler(Refusal)
    async def refuse(_request: Request, refusal: Refusal) -> JSONResponse:
        said = {"error": refusal.error, "error_description": refusal.description}
        return JSONResponse(said, status_code=refusal.status, headers=NO_STORE)

    @app.get("/.well-known/openid-configuration")
    async def metadata() -> JSONResponse:
        return JSONResponse(provider.metadata())

    @app.get("/jwks")
    async def key_set() -> JSONResponse:
        return JSONResponse(provider.key_set())

    @app.post("/keys/rotation", status_code=204)
    async def rotate_keys() -> None:
        """For tests: from now on tokens are signed with a key nobody has seen."""
        provider.rotate_keys()

    @app.get("/authorize")
    async def choose(request: Request) -> HTMLResponse:
        given = _distinct(request.url.query)
        asked = provider.read_request(given)
        back = urlsplit(asked.redirect_uri)
        shown = PAGES.get_template("choose.html").render(
            citizens=CITIZENS.values(), levels=LEVELS, fields=given
        )
        policy = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
            f"form-action 'self' {back.scheme}://{back.netloc}"
        )
        return HTMLResponse(shown, headers={**NO_STORE, "content-security-policy": policy})

    @app.post("/authorize")
    async def decide(request: Request) -> Response:
        given = _distinct(await _form(request))
        asked = provider.read_request(given)
        place = provider.grant(asked, given.get("citizen", ""), given.get("level", ""))
        return Response(status_code=303, headers={"location": place, **NO_STORE})

    @app.post("/token")
    async def redeem(request: Request) -> JSONResponse:
        form = _distinct(await _form(request))
        answer = provider.redeem(form, request.headers.get("authorization"))
        return JSONResponse(dict(answer), headers=NO_STORE)

    return app


async def _form(request: Request) -> str:
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > BODY_BYTES_MAX:
            raise Refusal("invalid_request", "too long", status=413)
    return raw.decode("utf-8", "replace")


def _distinct(text: str) -> dict[str, str]:
    """A parameter given twice could mean two things to two readers (RFC 6749, section 3.1)."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise Refusal("invalid_request", "too many fields") from error
    if len({name for name, _value in pairs}) != len(pairs):
        raise Refusal("invalid_request", "a parameter was given twice")
    return dict(pairs)
