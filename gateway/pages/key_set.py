"""The gateway's public keys as a JWK Set (RFC 7517), so that anybody can check what it signs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Response

from chassis.canonical import canonical_json
from chassis.keys import load_public_key, public_jwk, thumbprint

# File names below keys/gateway; one that is not there is not in use.
PUBLISHED: Final = ("answers", "evidence", "tokens", "checkpoints")
ALGORITHMS: Final[Mapping[str, str]] = {"EC": "ES256", "OKP": "EdDSA", "RSA": "PS512"}
HELD_SECONDS: Final = 300
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A JWK Set; `kid` is the RFC 7638 thumbprint.",
        "content": {
            "application/jwk-set+json": {
                "schema": {
                    "type": "object",
                    "required": ["keys"],
                    "properties": {"keys": {"type": "array", "items": {"type": "object"}}},
                }
            }
        },
    }
}


class KeySetAnswer(Response):
    media_type = "application/jwk-set+json"


def key_set(folder: Path) -> dict[str, Any]:
    """A key that stands for two purposes is listed once."""
    keys: dict[str, dict[str, str]] = {}
    for name in PUBLISHED:
        path = folder / f"{name}.pub.pem"
        if path.exists():
            key = load_public_key(path)
            jwk, kid = public_jwk(key), thumbprint(key)
            keys[kid] = {**jwk, "kid": kid, "use": "sig", "alg": ALGORITHMS[jwk["kty"]]}
    return {"keys": [keys[kid] for kid in sorted(keys)]}


def key_set_router(folder: Path) -> APIRouter:
    """Read once: a new key comes with a new start."""
    router = APIRouter(tags=["keys"])
    written = canonical_json(key_set(folder))
    headers = {"Cache-Control": f"public, max-age={HELD_SECONDS}"}

    @router.get("/.well-known/jwks.json", response_class=KeySetAnswer, responses=ANSWERS)
    async def get_keys() -> Response:
        """The keys that sign answers, evidence bundles, access tokens and audit checkpoints."""
        return KeySetAnswer(written, headers=headers)

    return router
