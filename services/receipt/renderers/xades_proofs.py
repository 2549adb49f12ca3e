"""What makes a XAdES signature last: a time stamp over it, and who had been revoked by then.

Nothing of this is under the signature. Each part is signed by whoever says it, and a verifier
takes it in this one shape; that it must be there stands in the receipt, which is signed.
"""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from services.receipt.domain.signing.level import Material
from services.receipt.renderers.canonical_xml import element

C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"


def stamped_digest(value: str) -> bytes:
    """Over the SignatureValue, canonical where its prefix is declared."""
    written = element("ds:SignatureValue", value, head=f' xmlns:ds="{DS}"')
    return hashlib.sha256(written.encode()).digest()


def unsigned_properties(token: bytes, material: Material) -> str:
    method = f'<ds:CanonicalizationMethod Algorithm="{C14N}"></ds:CanonicalizationMethod>'
    stamp = element("xades:SignatureTimeStamp", method, *_held("EncapsulatedTimeStamp", [token]))
    certificates = _held("EncapsulatedX509Certificate", material.authorities)
    lists = _held("EncapsulatedCRLValue", material.lists)
    answers = _held("EncapsulatedOCSPValue", material.answers)
    said = [
        element(f"xades:{name}", *values)
        for name, values in (("CRLValues", lists), ("OCSPValues", answers))
        if values
    ]
    parts = [stamp]
    if said:
        parts += [
            element("xades:CertificateValues", *certificates),
            element("xades:RevocationValues", *said),
        ]
    return element("xades:UnsignedProperties", element("xades:UnsignedSignatureProperties", *parts))


def _held(tag: str, held: Sequence[bytes]) -> Sequence[str]:
    return [element(f"xades:{tag}", b64encode(one).decode()) for one in held]
