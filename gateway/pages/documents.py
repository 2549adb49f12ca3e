"""The API's documentation, from our own files: it works on a network without the internet."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from chassis.canonical import canonical_json
from chassis.errors import NotFound
from gateway.pages.guide import read_guide

STATIC: Final = Path(__file__).parent / "static"
PAGE: Final = STATIC / "docs.html"
ASSETS: Final = {
    "docs.js": (STATIC / "docs.js", "text/javascript"),
    "docs.css": (STATIC / "docs.css", "text/css"),
    "guide.css": (STATIC / "guide.css", "text/css"),
    "swagger-ui-bundle.js": (STATIC / "swagger-ui" / "swagger-ui-bundle.js", "text/javascript"),
    "swagger-ui.css": (STATIC / "swagger-ui" / "swagger-ui.css", "text/css"),
}
CONTENT_SECURITY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class NoSuchFile(NotFound):
    code = "no_such_file"

    def __init__(self) -> None:
        super().__init__("There is no such file.", vi="Không có tệp này.")


def documents_router(merged: Callable[[], dict[str, Any]], *, guide: Path) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    written: list[bytes] = []
    page_headers = {"Content-Security-Policy": CONTENT_SECURITY, "Cache-Control": "no-cache"}
    guide_page = read_guide(guide)

    @router.get("/openapi.json")
    async def get_openapi() -> Response:
        if not written:
            written.append(canonical_json(merged()))
        return Response(written[0], media_type="application/json")

    @router.get("/docs")
    async def get_docs() -> FileResponse:
        return FileResponse(PAGE, media_type="text/html", headers=page_headers)

    @router.get("/docs/how-to-sign")
    async def get_guide() -> Response:
        if guide_page is None:
            raise NoSuchFile
        return Response(guide_page, media_type="text/html", headers=page_headers)

    @router.get("/docs/assets/{file}")
    async def get_asset(file: str) -> FileResponse:
        if file not in ASSETS:
            raise NoSuchFile
        path, media_type = ASSETS[file]
        headers = {"Cache-Control": "public, max-age=3600"}
        return FileResponse(path, media_type=media_type, headers=headers)

    return router
