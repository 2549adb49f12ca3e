"""Detached CMS SignedData (RFC 5652), as signature services hand it out; CAdES is such a one."""

import hashlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any, Final

from asn1crypto import cms
from asn1crypto.x509 import Certificate

from gateway.authentication.confirming.certified_jws import CHAIN_MAX, Claimed
from gateway.domain.confirming.errors import ProofMalformed, ProofRefused

LENGTH_MAX: Final = 48 * 1024
DIGESTS: Final[Mapping[str, str]] = {"sha256": "256", "sha384": "384", "sha512": "512"}
SCHEMES: Final[Mapping[str, str]] = {
    "rsassa_pkcs1v15": "RS",
    "rsassa_pss": "PS",
    "ecdsa": "ES",
}
# What asn1crypto raises on bytes that are not what they should be.
UNREADABLE: Final = (ValueError, TypeError, KeyError, IndexError, OverflowError)


def read_cms(encoded: str, payload: bytes) -> Claimed:
    if len(encoded) > LENGTH_MAX:
        raise ProofMalformed(f"it is longer than {LENGTH_MAX} characters")
    try:
        raw = b64decode(encoded, validate=True)
        info = cms.ContentInfo.load(raw, strict=True)
        if info["content_type"].native != "signed_data":
            raise ProofMalformed("it is not CMS SignedData")
        return _read_signed_data(info["content"], payload)
    except (Base64Error, *UNREADABLE) as error:
        raise ProofMalformed("it cannot be read as CMS") from error


def _read_signed_data(data: Any, payload: bytes) -> Claimed:
    content = data["encap_content_info"]
    if content["content_type"].native != "data" or content["content"].native is not None:
        raise ProofMalformed("its content must be detached")
    if len(data["signer_infos"]) != 1:
        raise ProofMalformed("it must have one signer")
    certificates = [one.chosen for one in data["certificates"]]
    if not 1 <= len(certificates) <= CHAIN_MAX:
        raise ProofMalformed(f"it must hold one to {CHAIN_MAX} certificates")
    signer = data["signer_infos"][0]
    leaf = _leaf(signer["sid"], certificates)
    name = signer["digest_algorithm"]["algorithm"].native
    _check_attributes(signer["signed_attrs"], payload, name, leaf)
    others = [one for one in certificates if one is not leaf]
    return Claimed(
        algorithm=_algorithm(signer["signature_algorithm"], name),
        certificates=tuple(one.dump() for one in (leaf, *others)),
        signature=signer["signature"].native,
        # The attributes are signed as the SET that they are, not by their implicit tag (5.4).
        signed=signer["signed_attrs"].untag().dump(),
    )


def _leaf(sid: Any, certificates: list[Certificate]) -> Certificate:
    for one in certificates:
        if not isinstance(one, Certificate):
            raise ProofMalformed("it holds other than certificates")
    for one in certificates:
        if sid.name == "issuer_and_serial_number":
            named = sid.chosen
            if (named["issuer"], named["serial_number"].native) == (one.issuer, one.serial_number):
                return one
        elif one.key_identifier is not None and sid.chosen.native == one.key_identifier:
            return one
    raise ProofMalformed("it does not hold its signer's certificate")


def _check_attributes(attributes: Any, payload: bytes, digest: str, leaf: Certificate) -> None:
    if digest not in DIGESTS:
        raise ProofMalformed("its digest is none that is taken")
    found: dict[str, list[Any]] = {}
    for one in attributes:
        name = one["type"].native
        if name in found or len(one["values"]) != 1:
            raise ProofMalformed("an attribute is there twice")
        found[name] = one["values"]
    if "content_type" not in found or "message_digest" not in found:
        raise ProofMalformed("content type or digest is not among what is signed")
    if found["content_type"][0].native != "data":
        raise ProofMalformed("its content is of another type than data")
    if found["message_digest"][0].native != hashlib.new(digest, payload).digest():
        raise ProofRefused
    _check_named_certificate(found, leaf)


def _check_named_certificate(found: Mapping[str, Any], leaf: Certificate) -> None:
    """CAdES signs which certificate it means, so that nobody puts another in its place."""
    named = found.get("signing_certificate_v2")
    if named is None:
        return
    first = named[0]["certs"][0]
    name = first["hash_algorithm"]["algorithm"].native
    if name not in DIGESTS:
        raise ProofMalformed("it names its certificate by a digest that is not taken")
    if first["cert_hash"].native != hashlib.new(name, leaf.dump()).digest():
        raise ProofRefused


def _algorithm(said: Any, digest: str) -> str:
    """The JWS name; a signature algorithm that names a digest must name the same one."""
    scheme = SCHEMES.get(said.signature_algo)
    if scheme is None:
        raise ProofMalformed("its algorithm is none that is taken")
    named = digest if said["algorithm"].native == "rsassa_pkcs1v15" else said.hash_algo
    if named != digest:
        raise ProofMalformed("its algorithm names another digest")
    if scheme == "PS":
        _check_pss(said["parameters"], digest)
    return scheme + DIGESTS[digest]


def _check_pss(parameters: Any, digest: str) -> None:
    masked = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
    salt = parameters["salt_length"].native
    if masked != digest or salt != hashlib.new(digest).digest_size:
        raise ProofMalformed("its PSS parameters are not of one digest")
