"""XAdES: an enveloped XML signature over the whole document, its certificate and its own time.

signxml 5.2.0 digests SignedProperties and KeyInfo while the signature is still detached and names
no canonicalisation for them; under a root with a namespace every verifier then gets another digest.
Two private methods are replaced for that, so signxml is pinned exactly, and a test has xmlsec1 as a
second opinion.
"""

import hashlib
from base64 import b64encode
from datetime import datetime
from typing import Any, Final

from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.xades.xades import XAdESDataObjectFormat, XAdESSigner

from services.receipt.renderers.signing_key import SigningKey

DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
XADES: Final = "{http://uri.etsi.org/01903/v1.3.2#}"
C14N: Final = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
DESCRIPTION: Final = XAdESDataObjectFormat(
    Description="Biên lai thu phí, lệ phí điện tử", MimeType="text/xml"
)


def sign_enveloped(
    root: etree._Element, *, key: SigningKey, at: datetime, name: str
) -> etree._Element:
    """Fill the placeholder in `root`. `name` makes the ids in the signature unique and known."""
    # A signer remembers every id it gave out, so each document gets a new one.
    signer = _Signer(at, name)
    return signer.sign(root, key=key.key, cert=[key.certificate], always_add_key_value=False)


def empty_signature() -> etree._Element:
    """Marks in a document where its signature shall stand."""
    return etree.Element(f"{DS}Signature", nsmap={"ds": DS[1:-1]}, Id="placeholder")


class _Signer(XAdESSigner):
    def __init__(self, at: datetime, name: str) -> None:
        super().__init__(
            data_object_format=DESCRIPTION,
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=SignatureMethod.ECDSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=C14N,
        )
        self._at = at
        self._name = name

    def add_signing_time(
        self, signed_signature_properties: etree._Element, sig_root: Any, signing_settings: Any
    ) -> None:
        time = etree.SubElement(signed_signature_properties, f"{XADES}SigningTime")
        time.text = self._at.isoformat()

    def _get_token(self, length: int = 4) -> str:
        return self._name

    def _add_reference_to_signed_info(
        self, sig_root: etree._Element, node_to_reference: etree._Element, **attrs: str
    ) -> None:
        signed_info = sig_root.find(f"{DS}SignedInfo")
        assert signed_info is not None
        reference = etree.SubElement(signed_info, f"{DS}Reference")
        reference.set("URI", f"#{node_to_reference.get('Id')}")
        for name, value in attrs.items():
            reference.set(name, value)
        transforms = etree.SubElement(reference, f"{DS}Transforms")
        etree.SubElement(transforms, f"{DS}Transform", Algorithm=C14N.value)
        etree.SubElement(reference, f"{DS}DigestMethod", Algorithm=self.digest_alg.value)
        canonical = etree.tostring(node_to_reference, method="c14n", exclusive=True)
        digest = b64encode(hashlib.sha256(canonical).digest()).decode()
        etree.SubElement(reference, f"{DS}DigestValue").text = digest
