"""A time stamp as it came: over what was asked, and by somebody whom a verifier will trust."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID

from services.receipt.domain.errors import SignerUnavailable

DIGESTS: Final = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
# What the libraries raise on something that is not what it should be.
UNFIT: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
)


def require_stamp(
    token: bytes, *, digest: bytes, nonce: int, authorities: Sequence[x509.Certificate]
) -> x509.Certificate:
    """Who stamped it; raises SignerUnavailable."""
    try:
        data = cms.ContentInfo.load(token, strict=True)["content"]
        content = data["encap_content_info"]["content"].contents
        said = tsp.TSTInfo.load(content, strict=True)
        stated = said["message_imprint"]
        if stated["hashed_message"].native != digest or said["nonce"].native != nonce:
            raise SignerUnavailable("the time stamp is over something else")
        (info,) = data["signer_infos"]
        (held,) = data["certificates"]
        stamper = x509.load_der_x509_certificate(held.chosen.dump())
        _require_signature(info, stamper, content)
        usage = stamper.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
            raise SignerUnavailable("the time stamper's certificate is not for time stamps")
        if (
            not stamper.not_valid_before_utc
            <= said["gen_time"].native
            <= stamper.not_valid_after_utc
        ):
            raise SignerUnavailable("the time stamper's certificate is not valid now")
    except UNFIT as error:
        raise SignerUnavailable("the time stamp cannot be read") from error
    except InvalidSignature as error:
        raise SignerUnavailable("the time stamp's signature does not fit") from error
    issuer_among(authorities, stamper)
    return stamper


def issuer_among(
    authorities: Sequence[x509.Certificate], certificate: x509.Certificate
) -> x509.Certificate:
    for one in authorities:
        try:
            certificate.verify_directly_issued_by(one)
        except (InvalidSignature, *UNFIT):
            continue
        return one
    raise SignerUnavailable("a certificate is issued by nobody whom verifiers trust")


def _require_signature(info: Any, stamper: x509.Certificate, content: bytes) -> None:
    name = info["digest_algorithm"]["algorithm"].native
    attributes = {one["type"].native: one["values"][0].native for one in info["signed_attrs"]}
    if attributes["message_digest"] != hashlib.new(name, content).digest():
        raise SignerUnavailable("the time stamp was changed")
    signed, signature = info["signed_attrs"].untag().dump(), info["signature"].native
    key = stamper.public_key()
    if isinstance(key, EllipticCurvePublicKey):
        key.verify(signature, signed, ECDSA(DIGESTS[name]))
    elif isinstance(key, RSAPublicKey):
        key.verify(signature, signed, PKCS1v15(), DIGESTS[name])
    else:
        raise SignerUnavailable("the time stamper's key is of no kind that counts")
