"""XAdES: an enveloped XML signature over the whole document, its certificate and its own time.

Written out by ourselves: a library spends twenty times as long on the same bytes, and wants the
key itself, which a token or a licensed authority never gives away. Each part is written twice,
once as it is digested alone and once as it stands in the document, where its prefixes are declared
further out. signxml and xmlsec1 judge the result in the tests.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from services.receipt.domain.signing.identity import SignatureAlgorithm
from services.receipt.domain.signing.level import SignatureLevel
from services.receipt.ports.proving import Proofs
from services.receipt.ports.signing import Signer
from services.receipt.renderers.canonical_xml import element
from services.receipt.renderers.xades_proofs import stamped_digest, unsigned_properties

DS: Final = ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
XADES: Final = ' xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"'
C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
METHODS: Final[Mapping[SignatureAlgorithm, str]] = {
    SignatureAlgorithm.ECDSA_P256_SHA256: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    SignatureAlgorithm.RSA_SHA256: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
}
SCALAR_BYTES: Final = 32
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
PROPERTIES_TYPE: Final = "http://uri.etsi.org/01903#SignedProperties"
DESCRIPTION: Final = "Biên lai thu phí, lệ phí điện tử"
_CANONICALISATION: Final = (
    f'<ds:CanonicalizationMethod Algorithm="{C14N}"></ds:CanonicalizationMethod>'
)
_CANONICALISED: Final = f'<ds:Transform Algorithm="{C14N}"></ds:Transform>'
_ENVELOPED: Final = (
    '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature">'
    "</ds:Transform>"
)


async def enveloped_signature(
    document: bytes, *, signer: Signer, proofs: Proofs, at: datetime, name: str
) -> str:
    """The signature over the canonical bytes of a document, to be put into it; ids from `name`."""
    identity = signer.identity
    # The signer's own first, then who vouches for it, and for that one, up to below the root.
    carried = (identity.certificate, *identity.chain)
    key_info = element(
        "ds:X509Data",
        *(element("ds:X509Certificate", b64encode(one).decode()) for one in carried),
    )
    digested = _digested(identity.certificate)
    references = (
        _reference(f' Id="document-{name}" URI=""', document, _ENVELOPED)
        + _reference(
            f' Type="{PROPERTIES_TYPE}" URI="#signature-{name}-properties"',
            _properties(XADES, digested.format(ds=DS), at=at, name=name).encode(),
        )
        + _reference(
            f' URI="#certificate-{name}"',
            element("ds:KeyInfo", key_info, head=f'{DS} Id="certificate-{name}"').encode(),
        )
    )
    method = f'<ds:SignatureMethod Algorithm="{METHODS[identity.algorithm]}"></ds:SignatureMethod>'
    signed_info = element("ds:SignedInfo", _CANONICALISATION, method, references, head="{ds}")
    # Nobody signs whose certificate is found revoked.
    material = await proofs.material(identity)
    value = _spelled(await signer.sign(signed_info.format(ds=DS).encode()), identity.algorithm)
    proven = ""
    if proofs.level is not SignatureLevel.B_B:
        proven = unsigned_properties(
            await proofs.stamp(stamped_digest(value), material=material), material
        )
    qualifying = element(
        "xades:QualifyingProperties",
        _properties("", digested.format(ds=""), at=at, name=name),
        proven,
        head=f'{XADES} Target="#signature-{name}"',
    )
    return element(
        "ds:Signature",
        signed_info.format(ds=""),
        element("ds:SignatureValue", value),
        element("ds:KeyInfo", key_info, head=f' Id="certificate-{name}"'),
        element("ds:Object", qualifying),
        head=f'{DS} Id="signature-{name}"',
    )


def _properties(declared: str, digested: str, *, at: datetime, name: str) -> str:
    signature = element(
        "xades:SignedSignatureProperties",
        element("xades:SigningTime", at.isoformat()),
        element(
            "xades:SigningCertificateV2",
            element("xades:Cert", element("xades:CertDigest", digested)),
        ),
    )
    document = element(
        "xades:SignedDataObjectProperties",
        element(
            "xades:DataObjectFormat",
            element("xades:Description", DESCRIPTION),
            element("xades:MimeType", "text/xml"),
            head=f' ObjectReference="#document-{name}"',
        ),
    )
    head = f'{declared} Id="signature-{name}-properties"'
    return element("xades:SignedProperties", signature, document, head=head)


def _reference(head: str, content: bytes, transform: str = "") -> str:
    transforms = element("ds:Transforms", transform, _CANONICALISED)
    return element("ds:Reference", transforms, _digested(content).format(ds=""), head=head)


def _digested(content: bytes) -> str:
    """With a place for the declaration of the prefix, where none further out declares it."""
    digest = b64encode(hashlib.sha256(content).digest()).decode()
    return (
        f'<ds:DigestMethod{{ds}} Algorithm="{SHA256}"></ds:DigestMethod>'
        f"<ds:DigestValue{{ds}}>{digest}</ds:DigestValue>"
    )


def _spelled(signature: bytes, algorithm: SignatureAlgorithm) -> str:
    """XML wants the two numbers of an ECDSA signature side by side, without DER."""
    if algorithm is SignatureAlgorithm.ECDSA_P256_SHA256:
        r, s = decode_dss_signature(signature)
        signature = r.to_bytes(SCALAR_BYTES) + s.to_bytes(SCALAR_BYTES)
    return b64encode(signature).decode()
