"""A detached JWS (RFC 7797) with the certificates in its head, and what an original says."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from chassis.canonical import canonical_json
from services.receipt.domain.reports.number_book import SignedFacts
from services.receipt.domain.signing.identity import SignatureAlgorithm
from services.receipt.ports.signing import Signers

TYP: Final = "lephi-number-book"
NAMES: Final[Mapping[SignatureAlgorithm, str]] = {
    SignatureAlgorithm.ECDSA_P256_SHA256: "ES256",
    SignatureAlgorithm.RSA_SHA256: "RS256",
}
SCALAR_BYTES: Final = 32


class JwsBookSigner:
    def __init__(self, signers: Signers) -> None:
        self._signers = signers

    async def sign(self, content: bytes, *, agency_code: str) -> bytes:
        signer = await self._signers.of(agency_code)
        identity = signer.identity
        head = {
            "alg": NAMES[identity.algorithm],
            "b64": False,
            "crit": ["b64"],
            "typ": TYP,
            "x5c": [b64encode(one).decode() for one in (identity.certificate, *identity.chain)],
        }
        protected = _base64url(canonical_json(head))
        signature = await signer.sign(protected + b"." + content)
        if identity.algorithm is SignatureAlgorithm.ECDSA_P256_SHA256:
            r, s = decode_dss_signature(signature)
            signature = r.to_bytes(SCALAR_BYTES) + s.to_bytes(SCALAR_BYTES)
        return protected + b".." + _base64url(signature)


class XmlOriginals:
    """Reads what it needs of our own XML, wherever its namespace stands."""

    def read(self, original: bytes) -> SignedFacts | None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        try:
            root = etree.fromstring(original, parser)
            general = "{*}DLBLai/{*}TTChung"
            return SignedFacts(
                form_code=root.findtext(f"{general}/{{*}}KHMSCTu", ""),
                symbol=root.findtext(f"{general}/{{*}}KHCTu", ""),
                number=int(root.findtext(f"{general}/{{*}}SCTu", "")),
                amount=int(root.findtext("{*}DLBLai/{*}NDBLai/{*}TToan/{*}TgTTTBSo", "")),
            )
        except (etree.LxmlError, ValueError):
            return None


def _base64url(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
