"""Whether a time stamp token (RFC 3161) holds: what it is over, who signed it, and who vouches."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from chassis.clock import Clock
from gateway.domain.evidence.errors import TimeStampUnavailable

# What asn1crypto and cryptography raise over bytes that are not what they should be.
UNREADABLE: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
DIGESTS: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_DER: Final = Encoding.DER
SKEW_MAX: Final = timedelta(minutes=5)
CHAIN_MAX: Final = 5
CERTIFICATES_MAX: Final = 10
ROOTS_MAX: Final = 50
RSA_BITS_MIN: Final = 2048


class TrustedStamps:
    def __init__(self, roots: Sequence[x509.Certificate], *, clock: Clock) -> None:
        if not roots:
            raise ValueError("time stamps need the roots of their authority")
        self._roots = roots
        self._clock = clock

    @classmethod
    def from_directory(cls, folder: Path, *, clock: Clock) -> Self:
        files = sorted(folder.glob("*.pem"))
        roots = [
            one for path in files for one in x509.load_pem_x509_certificates(path.read_bytes())
        ]
        if len(roots) > ROOTS_MAX:
            raise ValueError(f"{folder} holds more than {ROOTS_MAX} roots")
        return cls(roots, clock=clock)

    def check(self, token: bytes, *, imprint: bytes, nonce: int) -> datetime:
        try:
            return self._check(token, imprint=imprint, nonce=nonce)
        except UNREADABLE as error:
            raise TimeStampUnavailable("the token cannot be read") from error

    def _check(self, token: bytes, *, imprint: bytes, nonce: int) -> datetime:
        info = cms.ContentInfo.load(token, strict=True)
        _require(info["content_type"].native == "signed_data", "it is not CMS SignedData")
        data = info["content"]
        content = data["encap_content_info"]
        _require(content["content_type"].native == "tst_info", "it holds no time stamp")
        said = tsp.TSTInfo.load(content["content"].contents, strict=True)
        stated = said["message_imprint"]
        of_ours = (
            stated["hash_algorithm"]["algorithm"].native == "sha256"
            and stated["hashed_message"].native == imprint
        )
        _require(of_ours, "it is over something else")
        _require(said["nonce"].native == nonce, "it answers another question")
        at: datetime = said["gen_time"].native.astimezone(UTC)
        _require(abs(at - self._clock.now()) <= SKEW_MAX, "its time is not ours")
        _require(len(data["signer_infos"]) == 1, "it has not one signer")
        _require(len(data["certificates"]) <= CERTIFICATES_MAX, "it brings too many certificates")
        certificates = [
            x509.load_der_x509_certificate(one.chosen.dump()) for one in data["certificates"]
        ]
        signer = _signer(data["signer_infos"][0], certificates)
        _check_signature(data["signer_infos"][0], signer, content["content"].contents)
        self._check_path(signer, certificates, at)
        return at

    def _check_path(
        self, signer: x509.Certificate, others: Sequence[x509.Certificate], at: datetime
    ) -> None:
        one = signer
        for _ in range(CHAIN_MAX):
            _require(one.not_valid_before_utc <= at <= one.not_valid_after_utc, "it had run out")
            trusted = next((root for root in self._roots if _issued(root, one)), None)
            if trusted is not None:
                held = trusted.not_valid_before_utc <= at <= trusted.not_valid_after_utc
                _require(held, "its root had run out")
                return
            issuer = next((each for each in others if each != one and _issued(each, one)), None)
            if issuer is None:
                break
            one = issuer
        raise TimeStampUnavailable("nobody we trust vouches for its signer")


def _signer(info: Any, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificate that the signed attributes name, made for time stamps and nothing else."""
    attributes = _attributes(info)
    if "signing_certificate_v2" in attributes:
        stated = attributes["signing_certificate_v2"]["certs"][0]
        name, digest = stated["hash_algorithm"]["algorithm"].native, stated["cert_hash"].native
    elif "signing_certificate" in attributes:
        name, digest = "sha1", attributes["signing_certificate"]["certs"][0]["cert_hash"].native
    else:
        raise TimeStampUnavailable("it does not name its signer's certificate")
    if name not in (*DIGESTS, "sha1"):
        raise TimeStampUnavailable("it names its signer by a digest that does not count")
    for one in certificates:
        der = one.public_bytes(_DER)
        if hashlib.new(name, der, usedforsecurity=False).digest() == digest:
            usage = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
            fit = usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
            _require(fit, "its signer's certificate is not for time stamps")
            return one
    raise TimeStampUnavailable("its signer's certificate is not there")


def _check_signature(info: Any, signer: x509.Certificate, content: bytes) -> None:
    attributes = _attributes(info)
    name = info["digest_algorithm"]["algorithm"].native
    _require(name in DIGESTS, "its digest does not count")
    _require(attributes["content_type"].native == "tst_info", "it is signed as something else")
    digest = hashlib.new(name, content).digest()
    _require(attributes["message_digest"].native == digest, "it was changed")
    # Signed as the SET that the attributes are (RFC 5652, section 5.4).
    signed = info["signed_attrs"].untag().dump()
    algorithm, signature = info["signature_algorithm"], info["signature"].native
    stated = algorithm["algorithm"].native
    hashed = DIGESTS[name if stated in ("rsassa_pkcs1v15", "rsassa_pss") else algorithm.hash_algo]
    key = signer.public_key()
    try:
        if isinstance(key, RSAPublicKey):
            _require(key.key_size >= RSA_BITS_MIN, "its signer's key is too short")
            salted = PSS(mgf=MGF1(hashed), salt_length=hashed.digest_size)
            plain = algorithm.signature_algo == "rsassa_pkcs1v15"
            key.verify(signature, signed, PKCS1v15() if plain else salted, hashed)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, signed, ECDSA(hashed))
        else:
            raise TimeStampUnavailable("its signer's key is of no kind that counts")
    except InvalidSignature as error:
        raise TimeStampUnavailable("its signature does not fit") from error


def _attributes(info: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in info["signed_attrs"]:
        name = one["type"].native
        _require(name not in found and len(one["values"]) == 1, "an attribute is there twice")
        found[name] = one["values"][0]
    return found


def _issued(authority: x509.Certificate, one: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(authority)
        limits = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        uses = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    except (*UNREADABLE, InvalidSignature):
        return False
    return limits.ca and uses.key_cert_sign


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise TimeStampUnavailable(otherwise)
