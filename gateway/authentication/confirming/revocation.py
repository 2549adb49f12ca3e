"""Whether a certificate still holds: files beside the roots, and addresses we were given.

Addresses that stand in a certificate are never called: whoever sends one would choose whom we ask.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import httpx
import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from gateway.authentication.confirming.algorithms import key_class
from gateway.authentication.confirming.certificate_signatures import roots_folder
from gateway.authentication.confirming.ocsp_answers import responder_key_of, speaks_of
from gateway.domain.confirming.certificate import (
    REVOCATION_AGE_MAX,
    Authority,
    RevocationAnswer,
)
from gateway.domain.confirming.errors import CertificateRevoked, RevocationUnknown

# The clock of an authority may be a little fast.
SKEW: Final = timedelta(minutes=1)
LIST_BYTES_MAX: Final = 4 * 1024 * 1024
ANSWER_BYTES_MAX: Final = 64 * 1024
SOURCES_MAX: Final = 20
SECONDS_MAX: Final = 3.0
UNUSABLE: Final = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sources:
    """`sources.json` beside the roots: {"crl": [url], "ocsp": [url]}; files end in .crl."""

    folder: Path
    crl: tuple[str, ...] = ()
    ocsp: tuple[str, ...] = ()


def read_sources(folder: Path) -> Sources:
    stated = folder / "sources.json"
    if not stated.exists():
        return Sources(folder)
    said = json.loads(stated.read_bytes())
    lists, responders = tuple(said.get("crl", ())), tuple(said.get("ocsp", ()))
    if len(lists) + len(responders) > SOURCES_MAX:
        raise ValueError(f"{stated} names more than {SOURCES_MAX} sources")
    return Sources(folder, lists, responders)


class AuthorityAnswers:
    """Asks anew for every proof: a day is the oldest word that counts, not one to wait for."""

    def __init__(self, keys_dir: Path) -> None:
        self._sources: Mapping[Authority, Sources] = {
            one: read_sources(roots_folder(keys_dir, one)) for one in Authority
        }

    async def check(
        self, chain: Sequence[bytes], *, authority: Authority, at: datetime
    ) -> Sequence[RevocationAnswer]:
        sources = self._sources[authority]
        certificates = [x509.load_der_x509_certificate(one) for one in chain]
        lists = await self._lists(sources)
        answers = []
        for certificate, issuer in pairwise(certificates):
            answer = _of_lists(lists, certificate, issuer, at)
            if answer is None:
                answer = await _of_responders(sources, certificate, issuer, at)
            if answer is None:
                raise RevocationUnknown
            answers.append(answer)
        return answers

    async def _lists(self, sources: Sources) -> list[x509.CertificateRevocationList]:
        raw = await asyncio.to_thread(_read_files, sources.folder)
        for address in sources.crl:
            fetched = await _ask("GET", address, b"", most=LIST_BYTES_MAX)
            raw.extend([fetched] if fetched else [])
        lists = []
        for one in raw:
            try:
                loaded = _load_list(one)
            except UNUSABLE:
                log.warning("unreadable revocation list", folder=sources.folder.name)
                continue
            lists.append(loaded)
        return lists


def _read_files(folder: Path) -> list[bytes]:
    files = sorted(folder.glob("*.crl"))[:SOURCES_MAX]
    return [one.read_bytes() for one in files if one.stat().st_size <= LIST_BYTES_MAX]


def _load_list(raw: bytes) -> x509.CertificateRevocationList:
    if raw.startswith(b"-----"):
        return x509.load_pem_x509_crl(raw)
    return x509.load_der_x509_crl(raw)


def _of_lists(
    lists: Sequence[x509.CertificateRevocationList],
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime,
) -> RevocationAnswer | None:
    fitting = [one for one in lists if _is_usable(one, issuer, at)]
    for one in fitting:
        if one.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
            raise CertificateRevoked
    if not fitting:
        return None
    latest = max(fitting, key=lambda one: one.last_update_utc)
    return _answer("crl", certificate, latest.public_bytes(Encoding.DER), latest.last_update_utc)


def _is_usable(one: x509.CertificateRevocationList, issuer: x509.Certificate, at: datetime) -> bool:
    try:
        key_class(issuer.public_key())
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
        # A list of part of the certificates, or of changes only, says nothing of the rest.
        whole = not any(extension.critical for extension in one.extensions)
        digest = one.signature_hash_algorithm
        return (
            one.issuer == issuer.subject
            and usage.crl_sign
            and whole
            and digest is not None
            and digest.name in ("sha256", "sha384", "sha512")
            and one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
            and _is_fresh(one.last_update_utc, one.next_update_utc, at)
        )
    except UNUSABLE:
        return False


def _is_fresh(said: datetime, until: datetime | None, at: datetime) -> bool:
    return said - SKEW <= at <= said + REVOCATION_AGE_MAX and (until is None or at <= until)


async def _of_responders(
    sources: Sources, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime
) -> RevocationAnswer | None:
    if not sources.ocsp:
        return None
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
    body = asked.build().public_bytes(Encoding.DER)
    for address in sources.ocsp:
        raw = await _ask("POST", address, body, most=ANSWER_BYTES_MAX)
        if raw is None:
            continue
        try:
            said = _said_of(raw, certificate, issuer, at)
        except UNUSABLE:
            log.warning("unusable OCSP answer", address=address)
            continue
        if said is not None:
            return _answer("ocsp", certificate, raw, said)
    return None


def _said_of(
    raw: bytes, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime
) -> datetime | None:
    """When the responder called it good; None where it says nothing that counts."""
    response = ocsp.load_der_ocsp_response(raw)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return None
    key = responder_key_of(response, issuer, at)
    for one in response.responses:
        if not speaks_of(one, certificate, issuer):
            continue
        said = one.this_update_utc
        if key is None or not _is_fresh(said, one.next_update_utc, at):
            return None
        if one.certificate_status is ocsp.OCSPCertStatus.REVOKED:
            raise CertificateRevoked
        return said if one.certificate_status is ocsp.OCSPCertStatus.GOOD else None
    return None


async def _ask(method: str, address: str, body: bytes, *, most: int) -> bytes | None:
    """At most `most` bytes within SECONDS_MAX, no redirects; None for whatever goes wrong."""
    headers = {"content-type": "application/ocsp-request"} if body else {}
    try:
        async with (
            asyncio.timeout(SECONDS_MAX),
            httpx.AsyncClient(timeout=SECONDS_MAX, follow_redirects=False) as client,
            client.stream(method, address, content=body, headers=headers) as answer,
        ):
            if answer.status_code != 200:
                return None
            raw = b""
            async for piece in answer.aiter_bytes():
                raw += piece
                if len(raw) > most:
                    return None
            return raw
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        log.warning("revocation source out of reach", address=address, error=type(error).__name__)
        return None


def _answer(
    form: str, certificate: x509.Certificate, der: bytes, said_at: datetime
) -> RevocationAnswer:
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    return RevocationAnswer(
        form=form, certificate_id=digest, der=der, said_at=said_at.astimezone(UTC)
    )
