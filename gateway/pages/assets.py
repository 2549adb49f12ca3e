"""The pages' own scripts and styles: no other host, no bundler, a tag for what is known already."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from gateway.pages.documents import NoSuchFile

FOLDER: Final = Path(__file__).parent / "static" / "pages"
MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str
    tag: str


def read_assets() -> Mapping[str, Asset]:
    """Read once; a page's files change with the program."""
    assets = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in MEDIA_TYPES:
            content = path.read_bytes()
            tag = f'"{sha256(content).hexdigest()[:32]}"'
            assets[path.name] = Asset(content, MEDIA_TYPES[path.suffix], tag)
    return assets


def assets_router() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    assets = read_assets()

    @router.get("/pages/assets/{file}")
    async def get_page_asset(file: str, request: Request) -> Response:
        asset = assets.get(file)
        if asset is None:
            raise NoSuchFile
        # Asked about each time, sent once: a page never runs with the scripts of another version.
        headers = {"cache-control": "no-cache", "etag": asset.tag}
        if request.headers.get("if-none-match") == asset.tag:
            return Response(status_code=304, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=headers)

    return router
