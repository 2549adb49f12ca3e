"""Signatures by certificates of licensed authorities, up to a root that we were given."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from asn1crypto import pem
from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from gateway.authentication.confirming.algorithms import check_signature, key_class
from gateway.authentication.confirming.certified_cms import UNREADABLE, read_cms
from gateway.authentication.confirming.certified_jws import Claimed, read_certified_jws
from gateway.domain.confirming.certificate import (
    Authority,
    CertifiedSignature,
    Signatory,
    SignatureForm,
)
from gateway.domain.confirming.errors import CertificateRefused, ProofMalformed

READERS: Final[Mapping[SignatureForm, Callable[[str, bytes], Claimed]]] = {
    SignatureForm.JWS: read_certified_jws,
    SignatureForm.CMS: read_cms,
}
PERSON_ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"}
)
ALGORITHMS_OF: Final[Mapping[Authority, frozenset[str]]] = {
    Authority.PERSON: PERSON_ALGORITHMS,
    # What the tokens in the field can do; two-thousand-bit RSA among it.
    Authority.OFFICER: frozenset({"RS256", "PS256", "ES256"}),
}
# contentCommitment was called nonRepudiation before.
SIGNING_USES: Final = frozenset({"non_repudiation", "digital_signature"})
SIGNING_PURPOSES: Final = frozenset(
    {
        "any_extended_key_usage",
        "client_auth",
        "email_protection",
        # Document signing (RFC 9336), which the library knows by number only.
        "1.3.6.1.5.5.7.3.36",
        "microsoft_document_signing",
        "adobe_authentic_documents_trust",
    }
)
WEAK: Final = frozenset({"md2", "md5", "sha1"})
ROOTS_MAX: Final = 50


def roots_folder(keys_dir: Path, authority: Authority) -> Path:
    return keys_dir / "trust" / f"{authority.value}-ca"


class TrustedCertificates:
    """The roots are read once, at start; without any, nobody is let in."""

    def __init__(self, roots: Mapping[Authority, Sequence[Certificate]]) -> None:
        self._roots = roots

    @classmethod
    def from_directory(cls, keys_dir: Path) -> Self:
        return cls({one: _load_roots(roots_folder(keys_dir, one)) for one in Authority})

    async def check(
        self, given: CertifiedSignature, payload: bytes, *, authority: Authority, at: datetime
    ) -> Signatory:
        claimed = READERS[given.form](given.value, payload)
        if claimed.algorithm not in ALGORITHMS_OF[authority]:
            raise ProofMalformed("its algorithm is none that is taken")
        try:
            leaf, *others = [Certificate.load(one, strict=True) for one in claimed.certificates]
            path = await self._path(leaf, others, authority=authority, at=at)
            key: Any = load_der_public_key(leaf.public_key.dump())
            not_after = leaf.not_valid_after
            subject = leaf.subject.human_friendly
        except UNREADABLE as error:
            raise CertificateRefused("it cannot be read") from error
        strength = key_class(key)
        check_signature(claimed.algorithm, key, claimed.signature, claimed.signed)
        return Signatory(
            certificate_id=hashlib.sha256(path[0]).hexdigest(),
            chain=path,
            subject=subject,
            algorithm=claimed.algorithm,
            key_class=strength,
            not_after=not_after,
        )

    async def _path(
        self,
        leaf: Certificate,
        others: Sequence[Certificate],
        *,
        authority: Authority,
        at: datetime,
    ) -> tuple[bytes, ...]:
        """DER, leaf first and root last; raises CertificateRefused."""
        _check_purpose(leaf)
        context = ValidationContext(
            trust_roots=self._roots[authority],
            moment=at,
            # What is signed must hold now; who has revoked it is asked separately, and strictly.
            allow_fetching=False,
            revocation_mode="soft-fail",
            weak_hash_algos=WEAK,
        )
        validator = CertificateValidator(
            leaf, intermediate_certs=others, validation_context=context
        )
        try:
            path = await validator.async_validate_path()
        except (PathError, ValidationError) as error:
            raise CertificateRefused("no path of valid certificates leads to a root") from error
        certificates = [one.dump() for one in path.iter_certs(include_root=True)]
        if len(certificates) < 2:
            raise CertificateRefused("a root signs no documents")
        return tuple(reversed(certificates))


def _check_purpose(leaf: Certificate) -> None:
    if leaf.ca:
        raise CertificateRefused("it is an authority's")
    uses = leaf.key_usage_value
    if uses is None or not SIGNING_USES & set(uses.native):
        raise CertificateRefused("its key is not for signing")
    purposes = leaf.extended_key_usage_value
    if purposes is not None and not SIGNING_PURPOSES & set(purposes.native):
        raise CertificateRefused("its purpose is not the signing of documents")


def _load_roots(folder: Path) -> list[Certificate]:
    files = sorted(folder.glob("*.pem"))
    if len(files) > ROOTS_MAX:
        raise ValueError(f"{folder} holds more than {ROOTS_MAX} roots")
    return [
        Certificate.load(der)
        for path in files
        for _, _, der in pem.unarmor(path.read_bytes(), multiple=True)
    ]
