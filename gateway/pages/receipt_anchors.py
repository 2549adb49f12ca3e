"""Who vouches for those that sign receipts, published so that anybody can check one offline."""

import json
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Response

from chassis.canonical import canonical_json
from gateway.pages.documents import NoSuchFile

PATH: Final = "/.well-known/receipt-anchors.json"
# A receipt needs these alone; of keys of portals and people it needs none.
PUBLISHED: Final = ("receipt_ca", "tsa_ca")
HEADERS: Final = {
    "Cache-Control": "public, max-age=300",
    "Content-Disposition": 'attachment; filename="anchors.json"',
}
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Certificates as PEM: of authorities that vouch for signers of receipts, "
        "and of those that vouch for time stamps. `lephi verify --anchors` takes this file.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": list(PUBLISHED),
                    "properties": {
                        name: {"type": "array", "items": {"type": "string"}} for name in PUBLISHED
                    },
                }
            }
        },
    }
}


def receipt_anchors_router(file: Path) -> APIRouter:
    """Read once: new anchors come with a new start."""
    router = APIRouter(tags=["keys"])
    written = _read(file)

    @router.get(PATH, response_class=Response, responses=ANSWERS)
    async def get_receipt_anchors() -> Response:
        """To verify a receipt without us. Compare them with what was published on paper."""
        if written is None:
            raise NoSuchFile
        return Response(written, media_type="application/json", headers=HEADERS)

    return router


def _read(file: Path) -> bytes | None:
    if not file.is_file():
        return None
    given = json.loads(file.read_bytes())
    return canonical_json({name: given.get(name, []) for name in PUBLISHED})
