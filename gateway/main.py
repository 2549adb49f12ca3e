import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from starlette.middleware import Middleware

from chassis.clock import Clock
from chassis.db import Database
from chassis.http import create_api
from chassis.ids import Ids
from gateway.api import ROUTERS
from gateway.api.machines.tokens import speak_oauth
from gateway.assembly.pages import build_pages
from gateway.assembly.parts import Parts
from gateway.assembly.passage import build_clock_watch, build_passage
from gateway.assembly.tools import build_machine_tools, build_tools
from gateway.pages.documents import documents_router
from gateway.pages.key_set import key_set_router
from gateway.pages.openapi import merge, path_key, read_documents
from gateway.pages.receipt_anchors import receipt_anchors_router
from gateway.ports.upstream import Upstream
from gateway.routes.documented import HEADERS, documented
from gateway.routes.edge import Edge, Passage
from gateway.routes.gate import Gate, lanes
from gateway.routes.headers import security_headers
from gateway.routes.route import OWN, RouteTable
from gateway.routes.security_schemes import security_schemes
from gateway.routes.table import ROUTES
from gateway.routes.uploads import upload_bytes_max
from gateway.settings import GatewaySettings

VERSION: Final = "0.1.0"
LOOK_SECONDS_MAX: Final = 5.0


def create_app(
    settings: GatewaySettings,
    *,
    upstream: Upstream | None = None,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> FastAPI:
    """The one public door. Without `upstream` the services are called over HTTP."""
    parts = Parts.of(settings, upstream=upstream, database=database, clock=clock, ids=ids)
    clock_watch = build_clock_watch(parts)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        watching = asyncio.create_task(clock_watch.keep_looking(stop))
        yield
        stop.set()
        await asyncio.wait([watching], timeout=LOOK_SECONDS_MAX)
        await parts.upstream.close()
        if database is None:
            await parts.database.close()

    app = create_api(
        title="Gateway",
        service=OWN,
        verifier=None,
        clock=parts.clock,
        ids=parts.ids,
        version=VERSION,
        lifespan=lifespan,
        ready=parts.is_ready,
        upload_bytes_max=upload_bytes_max(RouteTable(ROUTES)),
        lanes=lanes(
            at_once_max=settings.at_once_max, callbacks_at_once_max=settings.callbacks_at_once_max
        ),
    )
    machines = build_machine_tools(parts)
    app.state.tools = build_tools(parts)
    app.state.machines = machines
    app.state.clock_watch = clock_watch
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(
        documents_router(lambda: merged_openapi(app, settings), guide=settings.guide_file)
    )
    app.include_router(key_set_router(settings.keys_dir / "gateway"))
    app.include_router(receipt_anchors_router(settings.published_anchors))
    for router in build_pages(parts, app.state.tools):
        app.include_router(router)
    speak_oauth(app)
    _stand_walls(app, parts, build_passage(parts, machines, clock_watch))
    return app


def _stand_walls(app: FastAPI, parts: Parts, passage: Passage) -> None:
    settings = parts.settings
    # Last in the list is innermost: within the chassis' front, before any route of ours.
    app.user_middleware.append(
        Middleware(
            Edge,
            passage=passage,
            clock=parts.clock,
            terminators=settings.terminator_networks,
            certificate_header=settings.client_certificate_header,
        )
    )
    # Added, and so outermost: around the chassis' front as well.
    app.add_middleware(
        Gate,
        buckets=parts.buckets,
        terminators=settings.terminator_networks,
        security=security_headers(public_origin=settings.public_origin),
        ids=parts.ids,
    )


def merged_openapi(app: FastAPI, settings: GatewaySettings) -> dict[str, Any]:
    """What /openapi.json says: every service's document and our own, as far as the table shows."""
    documents = read_documents(settings.openapi_dir, settings.upstream_origins)
    documents[OWN] = app.openapi()
    origin = settings.public_origin
    return merge(
        documents,
        shown={(route.method, path_key(route.path)): documented(route) for route in ROUTES},
        components={"securitySchemes": security_schemes(origin=origin), "headers": HEADERS},
        version=VERSION,
        origin=origin,
    )
