"""Detached CMS SignedData (RFC 5652) by one signer, with signed attributes."""

import hashlib
from typing import Any, Final

from asn1crypto import cms

from deploy.verifier.encodings import from_base64
from deploy.verifier.verdict import Broken, require

DIGESTS: Final = {"sha256": "256", "sha384": "384", "sha512": "512"}
SCHEMES: Final = {"rsassa_pkcs1v15": "RS", "rsassa_pss": "PS", "ecdsa": "ES"}


def read_cms(encoded: str, payload: bytes) -> tuple[str, bytes, bytes, bytes]:
    """Algorithm, the signer's certificate (DER), signature and what is signed."""
    raw = from_base64(encoded, "the signature")
    try:
        info = cms.ContentInfo.load(raw, strict=True)
        require(info["content_type"].native == "signed_data", "it is not CMS SignedData")
        data = info["content"]
        _require_detached(data)
        (signer,) = data["signer_infos"]
        certificate = _certificate_of(signer["sid"], data["certificates"])
        digest = signer["digest_algorithm"]["algorithm"].native
        require(digest in DIGESTS, "the CMS uses a digest that does not count")
        _require_attributes(signer["signed_attrs"], hashlib.new(digest, payload).digest())
        _require_one_digest(data, signer, digest)
        scheme = SCHEMES[signer["signature_algorithm"].signature_algo]
        return (
            scheme + DIGESTS[digest],
            certificate,
            signer["signature"].native,
            # Signed as the SET that the attributes are (section 5.4).
            signer["signed_attrs"].untag().dump(),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise Broken("the signature cannot be read as CMS") from error


def _require_detached(data: Any) -> None:
    content = data["encap_content_info"]
    plain = content["content_type"].native == "data"
    require(plain and content["content"].native is None, "the CMS is not detached data")


def _require_one_digest(data: Any, signer: Any, digest: str) -> None:
    """What stands around the signed attributes is not signed itself: it must say the same."""
    version = "v1" if signer["sid"].name == "issuer_and_serial_number" else "v3"
    same = data["version"].native == signer["version"].native == version
    require(same, "the CMS is of another version")
    stated = [*data["digest_algorithms"], signer["digest_algorithm"]]
    for one in stated:
        plain = one["parameters"].native is None
        require(plain and one["algorithm"].native == digest, "the CMS names another digest")
    said = signer["signature_algorithm"]
    named = digest if said["algorithm"].native == "rsassa_pkcs1v15" else said.hash_algo
    require(named == digest, "the signature names another digest")


def _certificate_of(sid: Any, certificates: Any) -> bytes:
    for one in certificates:
        found = one.chosen
        if sid.name == "issuer_and_serial_number":
            same = (
                sid.chosen["issuer"] == found.issuer
                and sid.chosen["serial_number"].native == found.serial_number
            )
        else:
            same = sid.chosen.native == found.key_identifier
        if same:
            der: bytes = found.dump()
            return der
    raise Broken("the CMS does not hold its signer's certificate")


def _require_attributes(attributes: Any, digest: bytes) -> None:
    said: dict[str, Any] = {}
    for one in attributes:
        name = one["type"].native
        require(name not in said, "an attribute of the CMS is there twice")
        said[name] = one["values"].native
    require(said.get("content_type") == ["data"], "the CMS is over another type of content")
    require(said.get("message_digest") == [digest], "the CMS is over something else")
