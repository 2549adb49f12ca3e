"""Plays the remote signing service of a licensed authority, on loopback.

The shape is that of the Cloud Signature Consortium's API v2: OAuth 2.0 client credentials at
`/oauth2/token`, then `/csc/v2/credentials/info` and `/csc/v2/signatures/signHash`. It holds one
key, and misbehaves when it is told to.
"""

import asyncio
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import FastAPI, Header, HTTPException, Request
from pydantic import BaseModel

from chassis.ids import SystemIds

CREDENTIAL: Final = "receipts"
CLIENT: Final = "lephi"
TOKEN_SECONDS: Final = 300
HASHES_MAX: Final = 100
IDS: Final = SystemIds()


@dataclass(slots=True)
class Moods:
    """What it does wrong, changed while it runs."""

    down: bool = False
    wrong_signature: bool = False
    not_valid: bool = False
    seconds: float = 0.0


@dataclass(slots=True)
class Desk:
    key: EllipticCurvePrivateKey | RSAPrivateKey
    certificates: list[x509.Certificate]
    secret: str
    moods: Moods = field(default_factory=Moods)
    tokens: set[str] = field(default_factory=set)
    signed: int = 0

    async def behave(self) -> None:
        await asyncio.sleep(self.moods.seconds)
        if self.moods.down:
            raise HTTPException(503)

    def admit(self, authorization: str, credential: str) -> None:
        kind, _, token = authorization.partition(" ")
        if kind != "Bearer" or token not in self.tokens:
            raise HTTPException(401)
        if credential != CREDENTIAL:
            raise HTTPException(400, "invalid_request")

    def sign(self, digest: bytes) -> bytes:
        self.signed += 1
        if self.moods.wrong_signature:
            digest = bytes(len(digest))
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(digest, PKCS1v15(), Prehashed(SHA256()))
        return self.key.sign(digest, ECDSA(Prehashed(SHA256())))


class InfoBody(BaseModel):
    credentialID: str  # noqa: N815 - the standard's spelling


class SignHashBody(InfoBody):
    hashes: list[str]
    hashAlgorithmOID: str  # noqa: N815
    signAlgo: str  # noqa: N815


def create_app(desk: Desk) -> FastAPI:
    app = FastAPI(title="Sandbox of a remote signing service")

    @app.post("/oauth2/token")
    async def token(request: Request) -> dict[str, Any]:
        await desk.behave()
        form = dict(parse_qsl((await request.body()).decode()))
        told = (form.get("grant_type"), form.get("client_id"))
        known = compare_digest(form.get("client_secret", "").encode(), desk.secret.encode())
        if told != ("client_credentials", CLIENT) or not known:
            raise HTTPException(401, "invalid_client")
        given = IDS.token()
        desk.tokens.add(given)
        return {"access_token": given, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}

    @app.post("/csc/v2/credentials/info")
    async def info(body: InfoBody, authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
        await desk.behave()
        desk.admit(authorization, body.credentialID)
        certificates = [
            b64encode(one.public_bytes(Encoding.DER)).decode() for one in desk.certificates
        ]
        status = "revoked" if desk.moods.not_valid else "valid"
        return {
            "key": {"status": "enabled", "len": 256},
            "cert": {"status": status, "certificates": certificates},
            "authMode": "implicit",
            "multisign": HASHES_MAX,
        }

    @app.post("/csc/v2/signatures/signHash")
    async def sign_hash(
        body: SignHashBody, authorization: Annotated[str, Header()] = ""
    ) -> dict[str, Any]:
        await desk.behave()
        desk.admit(authorization, body.credentialID)
        if not 1 <= len(body.hashes) <= HASHES_MAX:
            raise HTTPException(400, "invalid_request")
        signatures = [desk.sign(b64decode(one, validate=True)) for one in body.hashes]
        return {"signatures": [b64encode(one).decode() for one in signatures]}

    return app
