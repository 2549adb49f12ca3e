"""A witness for trying things out, and a pattern for real ones: it signs no fork.

A program of its own. It knows the log by the key of its checkpoints and by nothing else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from jwt.api_jws import PyJWS
from pydantic import BaseModel, ConfigDict, Field

from chassis.canonical import canonical_json
from chassis.clock import Clock, SystemClock
from chassis.http import create_api
from chassis.ids import SystemIds
from chassis.keys import public_jwk, thumbprint
from deploy.verifier.audit_files import read_anchors
from deploy.verifier.audit_log import AuditKeys
from deploy.verifier.audit_signatures import COSIGNATURE_TYPE, Checkpoint, read_checkpoint
from deploy.verifier.audit_tree import PATH_MAX, require_consistent
from deploy.verifier.verdict import Broken, Unreadable, require
from deploy.witness.memory import WitnessMemory

EMPTY_ROOT: Final = bytes.fromhex(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)


class ShownBody(BaseModel):
    """`proof` shows that the log of `since` leaves begins the checkpoint's; hashes are hex."""

    model_config = ConfigDict(extra="forbid")

    checkpoint: str = Field(max_length=4096)
    since: int = Field(ge=0, le=2**53 - 1)
    proof: list[str] = Field(max_length=PATH_MAX)


def create_witness(
    directory: Path, *, name: str, anchors: Path, clock: Clock | None = None
) -> FastAPI:
    clock = clock or SystemClock()
    key = _key(directory / "witness.key.pem")
    memory: list[WitnessMemory] = []

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        memory.append(WitnessMemory(directory))
        yield
        memory.pop().close()

    app = create_api(
        title="Witness",
        service="witness",
        lifespan=lifespan,
        verifier=None,
        clock=clock,
        ids=SystemIds(clock),
    )

    @app.get("/key")
    async def get_key() -> dict[str, Any]:
        """What to write down of this witness: its name and its public key."""
        return {"name": name, "jwk": public_jwk(key.public_key())}

    @app.post("/v1/checkpoints")
    async def post_checkpoint(body: ShownBody) -> JSONResponse:
        """Co-sign: 409 says from which size the proof must begin, 422 that the log is another."""
        kept = memory[0]
        last = kept.last()
        size = 0 if last is None else last.size
        if body.since != size:
            return JSONResponse({"size": size}, 409)
        try:
            # Read anew, so that a key that is no longer trusted is not.
            keys = AuditKeys.of(read_anchors(anchors))
            shown = read_checkpoint(body.checkpoint, keys.checkpoint_keys)
            _require_extending(last, shown, [bytes.fromhex(one) for one in body.proof])
        except Unreadable as broken:
            return JSONResponse({"reason": str(broken)}, 503)
        except (Broken, ValueError) as refused:
            return JSONResponse({"reason": str(refused)}, 422)
        cosignature = _cosign(key, shown, name=name, clock=clock)
        kept.remember(shown, jws=body.checkpoint, cosignature=cosignature)
        return JSONResponse({"cosignature": cosignature})

    return app


def _require_extending(last: Checkpoint | None, shown: Checkpoint, proof: list[bytes]) -> None:
    size, root = (0, EMPTY_ROOT) if last is None else (last.size, last.root)
    if last is not None:
        require(shown.origin == last.origin, "it is of another log")
        require(shown.at >= last.at, "it is older than the last one")
    require(shown.size >= size, "the log has shrunk")
    require_consistent(size, root, shown.size, shown.root, proof)


def _cosign(key: EllipticCurvePrivateKey, shown: Checkpoint, *, name: str, clock: Clock) -> str:
    said = {"checkpoint": dict(shown.said), "witness": name, "at": clock.now().isoformat()}
    headers = {"kid": thumbprint(key.public_key()), "typ": COSIGNATURE_TYPE}
    return PyJWS().encode(canonical_json(said), key, "ES256", headers=headers)


def _key(path: Path) -> EllipticCurvePrivateKey:
    """Made at the first start, and kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        pem = generate_private_key(SECP256R1()).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        path.touch(mode=0o600)
        path.write_bytes(pem)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("a witness signs with a P-256 key")
    return key
