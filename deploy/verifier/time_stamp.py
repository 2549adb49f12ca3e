"""A time stamp (RFC 3161): somebody outside says that these bytes were there at that time."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy.verifier.anchors import UNREADABLE, Anchors, load_certificate
from deploy.verifier.verdict import Broken, require

DIGESTS: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
CHAIN_MAX: Final = 5
CERTIFICATES_MAX: Final = 10
RSA_BITS_MIN: Final = 2048
TOKEN_BYTES_MAX: Final = 64 * 1024


def read_time_stamp(token: bytes, content: bytes, anchors: Anchors) -> datetime:
    """When, by the word of an authority we trust, `content` was there; raises Broken."""
    require(len(token) <= TOKEN_BYTES_MAX, "the time stamp is larger than any")
    try:
        return _read(token, content, anchors)
    except (*UNREADABLE, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise Broken("the time stamp cannot be read") from error


def _read(token: bytes, content: bytes, anchors: Anchors) -> datetime:
    info = cms.ContentInfo.load(token, strict=True)
    require(info["content_type"].native == "signed_data", "the time stamp is not CMS SignedData")
    data = info["content"]
    held = data["encap_content_info"]
    require(held["content_type"].native == "tst_info", "the time stamp holds no time")
    said = tsp.TSTInfo.load(held["content"].contents, strict=True)
    stated = said["message_imprint"]
    name = stated["hash_algorithm"]["algorithm"].native
    require(name in DIGESTS, "the time stamp's digest does not count")
    digest = hashlib.new(name, content).digest()
    require(stated["hashed_message"].native == digest, "the time stamp is over something else")
    at: datetime = said["gen_time"].native.astimezone(UTC)
    require(len(data["signer_infos"]) == 1, "the time stamp has not one signer")
    require(len(data["certificates"]) <= CERTIFICATES_MAX, "the time stamp brings too much")
    certificates = [load_certificate(one.chosen.dump()) for one in data["certificates"]]
    signer = _signer(data["signer_infos"][0], certificates)
    _require_signature(data["signer_infos"][0], signer, held["content"].contents)
    _require_path(signer, certificates, anchors.time_authorities, at)
    return at


def _signer(info: Any, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    attributes = _attributes(info)
    if "signing_certificate_v2" in attributes:
        stated = attributes["signing_certificate_v2"]["certs"][0]
        name, digest = stated["hash_algorithm"]["algorithm"].native, stated["cert_hash"].native
        require(name in DIGESTS, "the time stamp names its signer weakly")
    else:
        # SHA-1 only picks one of the certificates, whose path is checked by itself.
        name, digest = "sha1", attributes["signing_certificate"]["certs"][0]["cert_hash"].native
    for one in certificates:
        der = one.public_bytes(Encoding.DER)
        if hashlib.new(name, der, usedforsecurity=False).digest() == digest:
            usage = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
            fit = usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
            require(fit, "the signer of the time stamp is not for time stamps")
            return one
    raise Broken("the time stamp does not hold its signer's certificate")


def _require_signature(info: Any, signer: x509.Certificate, content: bytes) -> None:
    attributes = _attributes(info)
    name = info["digest_algorithm"]["algorithm"].native
    require(name in DIGESTS, "the time stamp's digest does not count")
    require(
        attributes["content_type"].native == "tst_info"
        and attributes["message_digest"].native == hashlib.new(name, content).digest(),
        "the time stamp was changed",
    )
    # Signed as the SET that the attributes are (RFC 5652, section 5.4).
    signed, signature = info["signed_attrs"].untag().dump(), info["signature"].native
    algorithm = info["signature_algorithm"]
    plain = algorithm["algorithm"].native in ("rsassa_pkcs1v15", "rsassa_pss")
    digest = DIGESTS[name if plain else algorithm.hash_algo]
    key = signer.public_key()
    try:
        if isinstance(key, RSAPublicKey):
            require(key.key_size >= RSA_BITS_MIN, "the key of the time stamp is too short")
            salted = PSS(mgf=MGF1(digest), salt_length=digest.digest_size)
            unsalted = algorithm.signature_algo == "rsassa_pkcs1v15"
            key.verify(signature, signed, PKCS1v15() if unsalted else salted, digest)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, signed, ECDSA(digest))
        else:
            raise Broken("the key of the time stamp is of no kind that counts")
    except InvalidSignature as error:
        raise Broken("the signature of the time stamp does not fit") from error


def _attributes(info: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in info["signed_attrs"]:
        name = one["type"].native
        require(name not in found and len(one["values"]) == 1, "an attribute is there twice")
        found[name] = one["values"][0]
    return found


def _require_path(
    signer: x509.Certificate,
    others: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
) -> None:
    """Judged at the time that was stamped: an authority's certificate may long have run out."""
    one = signer
    for _ in range(CHAIN_MAX):
        _require_valid(one, at)
        trusted = next((root for root in roots if _issued(root, one)), None)
        if trusted is not None:
            _require_valid(trusted, at)
            return
        issuer = next((each for each in others if each != one and _issued(each, one)), None)
        if issuer is None:
            break
        one = issuer
    raise Broken("nobody we trust vouches for the time stamp")


def _require_valid(one: x509.Certificate, at: datetime) -> None:
    good = one.not_valid_before_utc <= at <= one.not_valid_after_utc
    require(good, "a certificate of the time stamp was not valid at that time")


def _issued(authority: x509.Certificate, one: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(authority)
        limits = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        uses = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    except (InvalidSignature, x509.ExtensionNotFound, *UNREADABLE):
        return False
    return limits.ca and uses.key_cert_sign
