"""What every API has: problems, request ids, metrics, health, and a locked door."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

from fastapi import FastAPI, Header, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from chassis import problems
from chassis.auth import InternalAuth, TokenVerifier
from chassis.bodies import BodyBounds, UploadBytesMax, no_uploads
from chassis.clock import Clock, SystemClock
from chassis.ids import Ids, SystemIds
from chassis.middleware import ONE_LANE, Bounds, Front, Lanes, LastResort

BODY_BYTES_MAX = 65536

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the caller; repeating the request with the same key is safe.",
    ),
]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Ready = Callable[[], Awaitable[bool]]


class ProblemBody(BaseModel):
    """RFC 9457. `detail` is Vietnamese unless English was asked for."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    detail_en: str
    request_id: str
    errors: list[dict[str, str]] = []


def problem_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may refuse with, for its OpenAPI."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {
        status: {"model": ProblemBody, "description": "Refused", "content": content}
        for status in statuses
    }


def create_api(
    *,
    title: str,
    service: str,
    verifier: TokenVerifier | None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    version: str = "0.1.0",
    lifespan: Lifespan | None = None,
    ready: Ready | None = None,
    body_limit_bytes: int = BODY_BYTES_MAX,
    upload_bytes_max: UploadBytesMax = no_uploads,
    lanes: Lanes = ONE_LANE,
) -> FastAPI:
    """An empty API with everything but routes. `verifier=None` only for the gateway itself."""
    app = FastAPI(
        title=title,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=problem_answers(400, 401, 403, 404, 409, 422, 503),
    )
    problems.install(app)
    _add_health(app, ready)
    if verifier is not None:
        app.add_middleware(InternalAuth, verifier=verifier)
    app.add_middleware(LastResort)
    app.add_middleware(
        Front,
        service=service,
        clock=clock or SystemClock(),
        ids=ids or SystemIds(),
        bounds=Bounds(
            body=BodyBounds(bytes_max=body_limit_bytes, upload_bytes_max=upload_bytes_max),
            lanes=lanes,
        ),
    )
    return app


def _add_health(app: FastAPI, ready: Ready | None) -> None:
    @app.get("/health/live", include_in_schema=False)
    async def live() -> Mapping[str, str]:
        return {"status": "up"}

    @app.get("/health/ready", include_in_schema=False)
    async def is_ready(response: Response) -> Mapping[str, str]:
        up = ready is None or await ready()
        response.status_code = 200 if up else 503
        return {"status": "up" if up else "down"}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
