"""A time-stamping authority (RFC 3161) and revocation lists (RFC 5280) over HTTP.

Asked within bounds and never just believed: a receipt cannot be mended once it is issued.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import httpx
from asn1crypto import algos, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.clock import Clock
from chassis.ids import Ids
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.domain.signing.level import Material, SignatureLevel
from services.receipt.providers.stamp_tokens import UNFIT, issuer_among, require_stamp

SECONDS_MAX: Final = 3.0
STAMP_BYTES_MAX: Final = 64 * 1024
LIST_BYTES_MAX: Final = 512 * 1024
NONCE_BYTES: Final = 8
# A list is asked for anew after so long; its own end may come sooner.
LISTS_KEPT: Final = timedelta(minutes=15)
GRANTED: Final = frozenset({"granted", "granted_with_mods"})
PROBE: Final = hashlib.sha256(b"").digest()


class ProofSettings(Protocol):
    signature_level: SignatureLevel
    tsa_url: str
    revocation_lists: tuple[str, ...]
    keys_dir: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where proofs come from, and who may vouch for those that give them."""

    tsa_url: str
    list_urls: Sequence[str]
    authorities: Sequence[x509.Certificate]


class HttpProofs:
    def __init__(
        self,
        level: SignatureLevel,
        sources: Sources,
        *,
        client: httpx.AsyncClient,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self.level = level
        self._tsa_url = sources.tsa_url
        self._list_urls = sources.list_urls
        self._authorities = sources.authorities
        self._client = client
        self._clock = clock
        self._ids = ids
        self._stamper: x509.Certificate | None = None
        self._lists: Sequence[x509.CertificateRevocationList] = ()
        self._asked_at: datetime | None = None

    async def stamp(self, digest: bytes) -> bytes:
        # The nonce only ties the answer to the question; nothing is kept secret by it.
        drawn = hashlib.sha256(self._ids.token(NONCE_BYTES).encode()).digest()
        nonce = int.from_bytes(drawn[:NONCE_BYTES])
        raw = await self._fetch(self._tsa_url, STAMP_BYTES_MAX, _question(digest, nonce))
        try:
            answer = tsp.TimeStampResp.load(raw, strict=True)
            if answer["status"]["status"].native not in GRANTED:
                raise SignerUnavailable("the time-stamping authority did not grant it")
            token: bytes = answer["time_stamp_token"].dump()
        except UNFIT as error:
            raise SignerUnavailable("the time stamp cannot be read") from error
        self._stamper = require_stamp(
            token, digest=digest, nonce=nonce, authorities=self._authorities
        )
        return token

    async def material(self, identity: SigningIdentity) -> Material:
        if self.level is not SignatureLevel.B_LT:
            return Material()
        if self._stamper is None:
            await self.stamp(PROBE)
        own, *between = map(x509.load_der_x509_certificate, (identity.certificate, *identity.chain))
        authorities: list[bytes] = []
        lists: list[bytes] = []
        for one in (own, *between, self._stamper):
            if one is None:
                raise SignerUnavailable("nobody stamps the time")
            # Who stands between is no anchor, but stands below one: the last of them is asked too.
            among = self._authorities if one is self._stamper else (*between, *self._authorities)
            issuer = issuer_among(among, one)
            listed = await self._list_of(issuer, one)
            if issuer.public_bytes(Encoding.DER) not in authorities:
                authorities.append(issuer.public_bytes(Encoding.DER))
                lists.append(listed.public_bytes(Encoding.DER))
        return Material(authorities=authorities, lists=lists)

    async def _list_of(
        self, issuer: x509.Certificate, of: x509.Certificate
    ) -> x509.CertificateRevocationList:
        now = self._clock.now()
        if self._asked_at is None or now - self._asked_at >= LISTS_KEPT:
            self._lists = [await self._ask_list(url) for url in self._list_urls]
            self._asked_at = now
        for one in self._lists:
            ends = one.next_update_utc
            if (
                one.issuer != issuer.subject
                or ends is None
                or not one.last_update_utc <= now < ends
            ):
                continue
            if not one.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                continue
            if one.get_revoked_certificate_by_serial_number(of.serial_number) is not None:
                raise SignerUnavailable("a certificate is revoked")
            return one
        self._asked_at = None
        raise SignerUnavailable("there is no revocation list that is in force")

    async def _ask_list(self, url: str) -> x509.CertificateRevocationList:
        raw = await self._fetch(url, LIST_BYTES_MAX)
        try:
            return x509.load_der_x509_crl(raw)
        except UNFIT as error:
            raise SignerUnavailable("a revocation list cannot be read") from error

    async def _fetch(self, url: str, bytes_max: int, question: bytes | None = None) -> bytes:
        method = "GET" if question is None else "POST"
        headers = {"content-type": "application/timestamp-query"} if question else {}
        try:
            async with (
                asyncio.timeout(SECONDS_MAX),
                self._client.stream(method, url, content=question, headers=headers) as answer,
            ):
                if answer.status_code != 200:
                    raise SignerUnavailable(f"an authority answered {answer.status_code}")
                raw = b""
                async for piece in answer.aiter_bytes():
                    raw += piece
                    if len(raw) > bytes_max:
                        raise SignerUnavailable("an authority said too much")
                return raw
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise SignerUnavailable(f"no authority to ask: {type(error).__name__}") from error


def proofs_of(
    settings: ProofSettings, *, client: httpx.AsyncClient, clock: Clock, ids: Ids
) -> HttpProofs | None:
    """None where the signer's own word is enough."""
    if settings.signature_level is SignatureLevel.B_B:
        return None
    sources = Sources(
        tsa_url=settings.tsa_url,
        list_urls=settings.revocation_lists,
        authorities=read_authorities(settings.keys_dir),
    )
    return HttpProofs(settings.signature_level, sources, client=client, clock=clock, ids=ids)


def read_authorities(keys_dir: Path) -> Sequence[x509.Certificate]:
    """Who may vouch for signers and time stampers: what a verifier's anchors name as well."""
    paths = [
        keys_dir / "receipt" / "ca.pem",
        *sorted((keys_dir / "trust" / "tsa-ca").glob("*.pem")),
    ]
    found = [one.read_bytes() for one in paths if one.exists()]
    return [each for raw in found for each in x509.load_pem_x509_certificates(raw)]


def _question(digest: bytes, nonce: int) -> bytes:
    imprint = {
        "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
        "hashed_message": digest,
    }
    asked = {
        "version": "v1",
        "message_imprint": tsp.MessageImprint(imprint),
        "nonce": core.Integer(nonce),
        "cert_req": True,
    }
    encoded: bytes = tsp.TimeStampReq(asked).dump()
    return encoded
