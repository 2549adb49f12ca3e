"""The unsigned properties of a receipt's XAdES signature, taken apart and put together again."""

from collections.abc import Sequence
from typing import Final

from lxml import etree

from deploy.verifier.anchors import BETWEEN_MAX
from deploy.verifier.encodings import from_base64
from deploy.verifier.receipt_proof import HeldProofs
from deploy.verifier.verdict import require

XADES_URI: Final = "http://uri.etsi.org/01903/v1.3.2#"
DS_URI: Final = "http://www.w3.org/2000/09/xmldsig#"
C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
# Of the signer's authority, of those above it, and of the time stamper's.
PROOFS_MAX: Final = 2 + BETWEEN_MAX


def proofs_of(qualifying: etree._Element) -> HeldProofs:
    unsigned = qualifying.find(f"{{{XADES_URI}}}UnsignedProperties")
    if unsigned is None:
        return HeldProofs()
    stamps, authorities, lists, answers = (
        [one.text or "" for one in unsigned.iter(f"{{{XADES_URI}}}Encapsulated{name}")]
        for name in ("TimeStamp", "X509Certificate", "CRLValue", "OCSPValue")
    )
    said = len(lists) + len(answers)
    require(
        len(stamps) == 1 and len(authorities) <= said <= PROOFS_MAX,
        "the proofs are not as many as there must be",
    )
    found = etree.tostring(unsigned, method="c14n", exclusive=True, with_comments=True)
    expected = _spelled(stamps[0], authorities, lists, answers)
    require(found == expected.encode(), "the proofs are spelled in another way than issued")
    return HeldProofs(
        token=from_base64(stamps[0], "the time stamp"),
        authorities=[from_base64(one, "an authority's certificate") for one in authorities],
        lists=[from_base64(one, "a revocation list") for one in lists],
        answers=[from_base64(one, "an OCSP answer") for one in answers],
    )


def stamped_value(value: etree._Element) -> bytes:
    """The SignatureValue as its time stamp is over it."""
    # Nothing stands between the parts of a signature: its shape was looked at before.
    return etree.tostring(value, method="c14n", exclusive=True, with_comments=False)


def _spelled(
    stamp: str, authorities: Sequence[str], lists: Sequence[str], answers: Sequence[str]
) -> str:
    method = (
        f'<ds:CanonicalizationMethod xmlns:ds="{DS_URI}" Algorithm="{C14N}">'
        "</ds:CanonicalizationMethod>"
    )
    token = _element("EncapsulatedTimeStamp", stamp)
    parts = _element("SignatureTimeStamp", method, token)
    if lists or answers:
        named = [_element("EncapsulatedX509Certificate", one) for one in authorities]
        said = [
            _element(
                f"{form}Values", *(_element(f"Encapsulated{form}Value", one) for one in values)
            )
            for form, values in (("CRL", lists), ("OCSP", answers))
            if values
        ]
        parts += _element("CertificateValues", *named)
        parts += _element("RevocationValues", *said)
    inner = _element("UnsignedSignatureProperties", parts)
    tag = "xades:UnsignedProperties"
    return f'<{tag} xmlns:xades="{XADES_URI}">{inner}</{tag}>'


def _element(name: str, *parts: str) -> str:
    return f"<xades:{name}>{''.join(parts)}</xades:{name}>"
