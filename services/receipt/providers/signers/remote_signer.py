"""A licensed authority signs at a distance: it gets the digest, never the receipt.

The shape is that of the Cloud Signature Consortium's API v2 (`credentials/info`,
`signatures/signHash`, tokens by OAuth 2.0 client credentials), which offers of Vietnamese
authorities follow. Assumed until one was asked: ECDSA signatures come in DER, and a credential for
seals needs no further authorization (SAD).
"""

import asyncio
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final, Self, TypeVar

import httpx
from cryptography import x509
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.clock import Clock
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.identity import SignatureAlgorithm, SigningIdentity
from services.receipt.providers.signers.certificates import identity_of, require_fits

SECONDS_MAX: Final = 3.0
ANSWER_BYTES_MAX: Final = 64 * 1024
CHAIN_MAX: Final = 10
TOKEN_SECONDS_MAX: Final = 30 * 24 * 3600
SHA256_OID: Final = "2.16.840.1.101.3.4.2.1"
ALGORITHMS: Final = {
    SignatureAlgorithm.ECDSA_P256_SHA256: "1.2.840.10045.4.3.2",
    SignatureAlgorithm.RSA_SHA256: "1.2.840.113549.1.1.11",
}
# A token is renewed so long before it ends.
RENEWED_BEFORE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """`url` is the service's root; the secret comes from a file and is never shown. `chain` is for
    a service that does not tell it."""

    url: str
    credential_id: str
    client_id: str
    client_secret: str
    chain: Sequence[x509.Certificate] = ()

    def __repr__(self) -> str:
        return f"Credential({self.url}, {self.credential_id})"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


Answered = TypeVar("Answered", bound=_Answer)


class _Token(_Answer):
    access_token: str
    expires_in: Annotated[int, Field(ge=1, le=TOKEN_SECONDS_MAX)]


class _Certificates(_Answer):
    status: str
    certificates: list[str]


class _Info(_Answer):
    cert: _Certificates


class _Signatures(_Answer):
    signatures: list[str]


class RemoteSigner:
    def __init__(self, credential: Credential, *, client: httpx.AsyncClient, clock: Clock) -> None:
        self._credential = credential
        self._client = client
        self._clock = clock
        self._token: tuple[str, datetime] | None = None
        self._certificate: x509.Certificate | None = None
        self._identity: SigningIdentity | None = None

    @classmethod
    async def open(cls, credential: Credential, *, client: httpx.AsyncClient, clock: Clock) -> Self:
        """Raises SignerUnavailable when it does not answer, or answers what cannot be used."""
        signer = cls(credential, client=client, clock=clock)
        asked = {"credentialID": credential.credential_id, "certificates": "chain"}
        info = await signer._ask("credentials/info", asked, _Info)
        if info.cert.status != "valid":
            raise SignerUnavailable("its credential is not valid")
        certificates = [_certificate(one) for one in info.cert.certificates[:CHAIN_MAX]]
        if not certificates:
            raise SignerUnavailable("its credential has no certificate")
        chain = certificates[1:] or credential.chain
        signer._certificate, signer._identity = certificates[0], identity_of(certificates[0], chain)
        return signer

    @property
    def identity(self) -> SigningIdentity:
        if self._identity is None:
            raise SignerUnavailable("it is not open")
        return self._identity

    async def sign(self, content: bytes) -> bytes:
        asked = {
            "credentialID": self._credential.credential_id,
            "hashes": [b64encode(sha256(content).digest()).decode()],
            "hashAlgorithmOID": SHA256_OID,
            "signAlgo": ALGORITHMS[self.identity.algorithm],
        }
        answer = await self._ask("signatures/signHash", asked, _Signatures)
        if len(answer.signatures) != 1:
            raise SignerUnavailable("it gave another number of signatures than asked for")
        signature = _bytes(answer.signatures[0])
        if self._certificate is None:
            raise SignerUnavailable("it is not open")
        require_fits(self._certificate, content, signature)
        return signature

    async def _ask(self, path: str, asked: dict[str, Any], model: type[Answered]) -> Answered:
        headers = {"authorization": f"Bearer {await self._bearer()}"}
        raw = await self._post(f"csc/v2/{path}", headers=headers, json=asked)
        return _read(raw, model)

    async def _bearer(self) -> str:
        now = self._clock.now()
        if self._token is None or self._token[1] <= now:
            form = {
                "grant_type": "client_credentials",
                "client_id": self._credential.client_id,
                "client_secret": self._credential.client_secret,
            }
            token = _read(await self._post("oauth2/token", data=form), _Token)
            lasts = timedelta(seconds=token.expires_in) - RENEWED_BEFORE
            self._token = (token.access_token, now + lasts)
        return self._token[0]

    async def _post(self, path: str, **request: Any) -> bytes:
        url = f"{self._credential.url.rstrip('/')}/{path}"
        try:
            async with (
                asyncio.timeout(SECONDS_MAX),
                self._client.stream("POST", url, timeout=SECONDS_MAX, **request) as answer,
            ):
                if answer.status_code == 401:
                    self._token = None
                if answer.status_code != 200:
                    raise SignerUnavailable(f"it answered {answer.status_code}")
                raw = b""
                async for piece in answer.aiter_bytes():
                    raw += piece
                    if len(raw) > ANSWER_BYTES_MAX:
                        raise SignerUnavailable("it said too much")
                return raw
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise SignerUnavailable(type(error).__name__) from error


def _read(raw: bytes, model: type[Answered]) -> Answered:
    try:
        return model.model_validate_json(raw)
    except ValidationError:
        # The error would quote the answer, which may hold a token.
        raise SignerUnavailable("its answer cannot be read") from None


def _certificate(text: str) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(_bytes(text))
    except ValueError as error:
        raise SignerUnavailable("its certificate cannot be read") from error


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except NotBase64 as error:
        raise SignerUnavailable("its answer is no base64") from error
