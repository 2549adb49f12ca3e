"""A time-stamping authority (RFC 3161), and what authorities say of revocation, over HTTP.

Asked within bounds and never just believed: a receipt cannot be mended once it is issued.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
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
from services.receipt.providers.authority_wire import AuthorityWire
from services.receipt.providers.revocation import Revocation
from services.receipt.providers.stamp_tokens import UNFIT, require_stamp

STAMP_BYTES_MAX: Final = 64 * 1024
NONCE_BYTES: Final = 8
GRANTED: Final = frozenset({"granted", "granted_with_mods"})
PROBE: Final = hashlib.sha256(b"").digest()


class ProofSettings(Protocol):
    signature_level: SignatureLevel
    tsa_url: str
    revocation_lists: tuple[str, ...]
    ocsp: bool
    keys_dir: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where proofs come from, and who may vouch for those that give them."""

    tsa_url: str
    list_urls: Sequence[str]
    # Whether those are asked whom certificates name as responders; the lists are for the others.
    ocsp: bool = False
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
        self._authorities = sources.authorities
        self._ids = ids
        self._wire = AuthorityWire(client)
        self._revocation = Revocation(
            self._wire,
            list_urls=sources.list_urls,
            authorities=sources.authorities,
            ocsp=sources.ocsp,
            clock=clock,
            ids=ids,
        )
        self._stamper: x509.Certificate | None = None

    async def stamp(self, digest: bytes, *, material: Material) -> bytes:
        # The nonce only ties the answer to the question; nothing is kept secret by it.
        drawn = hashlib.sha256(self._ids.token(NONCE_BYTES).encode()).digest()
        nonce = int.from_bytes(drawn[:NONCE_BYTES])
        raw = await self._wire.ask(
            self._tsa_url,
            _question(digest, nonce),
            media_type="application/timestamp-query",
            bytes_max=STAMP_BYTES_MAX,
        )
        try:
            answer = tsp.TimeStampResp.load(raw, strict=True)
            if answer["status"]["status"].native not in GRANTED:
                raise SignerUnavailable("the time-stamping authority did not grant it")
            token: bytes = answer["time_stamp_token"].dump()
        except UNFIT as error:
            raise SignerUnavailable("the time stamp cannot be read") from error
        stamper = require_stamp(token, digest=digest, nonce=nonce, authorities=self._authorities)
        self._stamper = stamper
        told = material.stamper
        if told is not None and told != stamper.public_bytes(Encoding.DER):
            # An authority of several stampers, or a new one: the next try asks about this one.
            raise SignerUnavailable("another time stamper answered than was asked about")
        return token

    async def material(self, identity: SigningIdentity) -> Material:
        if self.level is not SignatureLevel.B_LT:
            return Material()
        if self._stamper is None:
            await self.stamp(PROBE, material=Material())
        stamper = self._stamper
        if stamper is None:
            raise SignerUnavailable("nobody stamps the time")
        path = [*map(x509.load_der_x509_certificate, (identity.certificate, *identity.chain))]
        return await self._revocation.material(path, stamper)


def proofs_of(
    settings: ProofSettings, *, client: httpx.AsyncClient, clock: Clock, ids: Ids
) -> HttpProofs | None:
    """None where the signer's own word is enough."""
    if settings.signature_level is SignatureLevel.B_B:
        return None
    sources = Sources(
        tsa_url=settings.tsa_url,
        list_urls=settings.revocation_lists,
        ocsp=settings.ocsp,
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
