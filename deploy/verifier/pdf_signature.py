"""The signature of a PDF, taken from the raw bytes: what it covers, and that it has one spelling.

It covers the whole file but the gap that holds it. In the gap stands a CMS object of which only
part is signed, so the object is built anew from its signed parts and must come out the same.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from deploy.verifier.anchors import load_certificate
from deploy.verifier.verdict import Broken, require

BYTE_RANGE: Final = re.compile(rb"/ByteRange \[0 (\d{1,9}) (\d{1,9}) (\d{1,9})\]")
HEX: Final = re.compile(rb"[0-9A-F]+")
RSA_BITS_MIN: Final = 2048
SIGNED_ATTRIBUTES: Final = ("content_type", "message_digest", "signing_certificate_v2")


@dataclass(frozen=True, slots=True)
class Gap:
    """Where the signature stands, and the digest of all the rest."""

    held: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfSignature:
    """`token` is the time stamp over `value`, when it has one."""

    certificate: x509.Certificate
    between: Sequence[x509.Certificate]
    value: bytes
    token: bytes | None


def signature_of_pdf(raw: bytes) -> PdfSignature:
    """Whose signature this file carries; raises unless it is intact and covers every byte."""
    gap = _gap(raw)
    try:
        return _signer(gap)
    # What asn1crypto raises on an object that is not what it should be.
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        raise Broken("the signature cannot be read") from error


def _gap(raw: bytes) -> Gap:
    ranges = BYTE_RANGE.findall(raw)
    require(len(ranges) == 1 and raw.count(b"/ByteRange") == 1, "there must be one signature")
    start, end, rest = (int(number) for number in ranges[0])
    require(end + rest == len(raw), "the signature does not cover the whole file")
    require(0 < start < end - 2, "the signature stands nowhere")
    held = raw[start + 1 : end - 1]
    fenced = (raw[start : start + 1], raw[end - 1 : end]) == (b"<", b">")
    require(
        fenced and HEX.fullmatch(held) is not None and len(held) % 2 == 0, "the signature is no hex"
    )
    digest = hashlib.sha256(raw[:start] + raw[end:]).digest()
    return Gap(bytes.fromhex(held.decode("ascii")), digest)


def _signer(gap: Gap) -> PdfSignature:
    # The object says itself how long it is; what is left of the gap is filled with zeros.
    said = cms.ContentInfo.load(gap.held)["content"]
    (info,) = said["signer_infos"]
    attributes, signature = info["signed_attrs"], info["signature"].native
    held, *between = _in_named_order(
        [one.chosen for one in said["certificates"]], _require_attributes(attributes, gap.digest)
    )
    certificate = load_certificate(held.dump())
    stamps = [value for one in info["unsigned_attrs"] or () for value in one["values"]]
    require(len(stamps) <= 1, "the signature has more than one time stamp")
    key = certificate.public_key()
    rebuilt = _rebuild([held, *between], attributes, _Unsigned(signature, _algorithm(key), stamps))
    require(
        gap.held == rebuilt + bytes(len(gap.held) - len(rebuilt)),
        "the signature is spelled in another way than it was issued",
    )
    signed = attributes.untag().dump()
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, signed, ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise Broken("the signature does not fit the file") from error
    return PdfSignature(
        certificate=certificate,
        between=[load_certificate(one.dump()) for one in between],
        value=signature,
        token=stamps[0].dump() if stamps else None,
    )


def _in_named_order(
    held: Sequence[asn1_x509.Certificate], named: Sequence[bytes]
) -> Sequence[asn1_x509.Certificate]:
    """A set has no order; what is signed names them all, the signer's own first."""
    by_digest = {hashlib.sha256(one.dump()).digest(): one for one in held}
    require(
        len(held) == len(named) and by_digest.keys() == set(named),
        "the signature names another certificate",
    )
    return [by_digest[one] for one in named]


@dataclass(frozen=True, slots=True)
class _Unsigned:
    """What of the signature's own record is under no signature."""

    value: bytes
    algorithm: str
    stamps: Sequence[cms.ContentInfo]


def _algorithm(key: object) -> str:
    if isinstance(key, EllipticCurvePublicKey):
        return "sha256_ecdsa"
    if isinstance(key, RSAPublicKey) and key.key_size >= RSA_BITS_MIN:
        return "sha256_rsa"
    raise Broken("the signer's key is of another kind")


def _require_attributes(attributes: cms.CMSAttributes, digest: bytes) -> Sequence[bytes]:
    """The digests of the certificates that the signature names."""
    said = {attribute["type"].native: list(attribute["values"]) for attribute in attributes}
    names = {tsp_name(name): values for name, values in said.items()}
    require(
        set(names) == set(SIGNED_ATTRIBUTES) and all(len(one) == 1 for one in names.values()),
        "the signature is over other attributes",
    )
    require(names["content_type"][0].native == "data", "the signature is over something else")
    require(names["message_digest"][0].native == digest, "the file was changed after signing")
    certificates = tsp.SigningCertificateV2.load(names["signing_certificate_v2"][0].dump())["certs"]
    by_sha256 = all(one["hash_algorithm"]["algorithm"].native == "sha256" for one in certificates)
    require(by_sha256, "the signature names another certificate")
    return [one["cert_hash"].native for one in certificates]


def tsp_name(name: str) -> str:
    """asn1crypto knows this attribute by number until somebody teaches it the name."""
    return "signing_certificate_v2" if name == "1.2.840.113549.1.9.16.2.47" else name


def _rebuild(
    certificates: Sequence[asn1_x509.Certificate],
    attributes: cms.CMSAttributes,
    unsigned: _Unsigned,
) -> bytes:
    own = certificates[0]
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256", "parameters": core.Null()})
    algorithm = algos.SignedDigestAlgorithm({"algorithm": unsigned.algorithm})
    stamped = cms.CMSAttribute({"type": "signature_time_stamp_token", "values": unsigned.stamps})
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                name="issuer_and_serial_number",
                value=cms.IssuerAndSerialNumber(
                    {"issuer": own.issuer, "serial_number": own.serial_number}
                ),
            ),
            "digest_algorithm": sha256,
            "signed_attrs": attributes,
            "signature_algorithm": algorithm,
            "signature": unsigned.value,
        }
        | ({"unsigned_attrs": cms.CMSAttributes([stamped])} if unsigned.stamps else {})
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": "data"},
            "certificates": [
                cms.CertificateChoices(name="certificate", value=one) for one in certificates
            ],
            "signer_infos": [info],
        }
    )
    built: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return built
