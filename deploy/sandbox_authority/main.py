"""The authorities as one small program on loopback, for development and tests; never elsewhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

from fastapi import FastAPI, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from chassis.clock import Clock, SystemClock
from chassis.errors import Malformed, NotFound
from chassis.http import create_api
from chassis.ids import Ids, SystemIds
from deploy.sandbox_authority import revocation
from deploy.sandbox_authority.keys import NAMES, Authority
from deploy.sandbox_authority.time_stamps import TimeStamper

ASKED_BYTES_MAX: Final = 16 * 1024
Name = Annotated[str, InPath(max_length=32)]


class NoSuchAuthority(NotFound):
    code = "authority_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such authority.", vi="Không có tổ chức chứng thực này.")


class NoQuestion(Malformed):
    code = "unreadable_question"

    def __init__(self) -> None:
        super().__init__("This is no question.", vi="Không đọc được yêu cầu.")


class RevokeBody(BaseModel):
    """`serial` as a number written in hexadecimal."""

    model_config = ConfigDict(extra="forbid")

    serial: str = Field(pattern=r"^[0-9a-f]{1,40}$")


def create_authority(
    keys_dir: Path, *, clock: Clock | None = None, ids: Ids | None = None
) -> FastAPI:
    clock = clock or SystemClock()
    ids = ids or SystemIds(clock)
    authorities = {name: Authority.of(keys_dir, name) for name in NAMES}
    stamper = TimeStamper.from_directory(keys_dir)
    app = create_api(
        title="Sandbox authority", service="authority", verifier=None, clock=clock, ids=ids
    )

    def authority_of(name: str) -> Authority:
        if name not in authorities:
            raise NoSuchAuthority
        return authorities[name]

    @app.get("/crl/{name}")
    async def get_list(name: Name) -> Response:
        listed = revocation.current_list(authority_of(name), now=clock.now())
        return Response(listed, media_type="application/pkix-crl")

    @app.post("/ocsp/{name}")
    async def post_question(name: Name, request: Request) -> Response:
        authority, asked = authority_of(name), await _asked(request)
        said = _answer(lambda: revocation.answer(authority, asked, now=clock.now()))
        return Response(said, media_type="application/ocsp-response")

    @app.post("/tsa")
    async def post_stamp(request: Request) -> Response:
        asked = await _asked(request)
        said = _answer(lambda: stamper.answer(asked, serial=ids.new().int, now=clock.now()))
        return Response(said, media_type="application/timestamp-reply")

    @app.post("/revocations/{name}", status_code=204)
    async def post_revocation(name: Name, body: RevokeBody) -> None:
        revocation.revoke(authority_of(name), int(body.serial, 16), now=clock.now())

    return app


async def _asked(request: Request) -> bytes:
    asked = await request.body()
    if not 0 < len(asked) <= ASKED_BYTES_MAX:
        raise NoQuestion
    return asked


def _answer(say: Callable[[], bytes]) -> bytes:
    try:
        return say()
    except (ValueError, TypeError) as error:
        raise NoQuestion from error
