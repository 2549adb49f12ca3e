"""The remote signer for development: its files below the keys, and how it is told to misbehave."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from chassis.clock import SystemClock
from chassis.ids import SystemIds
from chassis.keys import load_private_key
from deploy.development_keys import ensure_certified_signer
from deploy.sandbox_signer.main import CLIENT, CREDENTIAL, Desk, create_app

STEM: Final = "remote"
PROOF_FILE: Final = "remote.secret"
SECRET_BYTES: Final = 24
SECONDS_MAX: Final = 60.0
OWNER_ONLY: Final = 0o600


class NoAuthority(Exception):
    """The development keys are not there yet."""


class MoodsBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    down: bool = False
    wrong_signature: bool = False
    not_valid: bool = False
    seconds: float = Field(default=0.0, ge=0, le=SECONDS_MAX)


def play_signer(keys_dir: Path) -> FastAPI:
    """With the key that lies below `keys_dir`; made when it is not there. Raises NoAuthority."""
    folder = keys_dir / "receipt"
    if not (folder / "ca.key.pem").exists():
        raise NoAuthority(f"{folder}: no authority for development; `lephi keys init` makes one")
    ensure_certified_signer(folder, STEM, clock=SystemClock())
    key = load_private_key(folder / f"{STEM}.key.pem")
    if not isinstance(key, EllipticCurvePrivateKey):
        raise NoAuthority(f"{folder / STEM}.key.pem is of another kind")
    certificate = x509.load_pem_x509_certificate((folder / f"{STEM}.pem").read_bytes())
    desk = Desk(key, [certificate], _secret(folder / PROOF_FILE))
    app = create_app(desk)

    @app.post("/sandbox/behaviour")
    async def behave(body: MoodsBody) -> dict[str, Any]:
        """What is not named goes well again."""
        for name, value in body.model_dump().items():
            setattr(desk.moods, name, value)
        return {**body.model_dump(), "signed": desk.signed}

    return app


def entry_of(url: str) -> Mapping[str, str]:
    """What stands in signers.json to be signed by it."""
    return {
        "name": STEM,
        "kind": "remote",
        "url": url,
        "credential_id": CREDENTIAL,
        "client_id": CLIENT,
        "secret_file": PROOF_FILE,
    }


def shown_entry(url: str) -> str:
    return json.dumps(entry_of(url))


def _secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=OWNER_ONLY)
        path.write_text(SystemIds(SystemClock()).token(SECRET_BYTES), "utf-8")
    return path.read_text("utf-8").strip()
