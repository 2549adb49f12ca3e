"""A receipt as XML: signed by somebody trusted, and not one byte other than it was issued.

The signature covers all but itself; what it leaves uncovered inside itself must have the one shape
it was issued with. Facts are read from what the signature was found to cover, never from the file.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from deploy.verifier.anchors import BETWEEN_MAX, Anchors, holder_of, load_certificate
from deploy.verifier.encodings import from_base64, sha256_hex
from deploy.verifier.receipt_proof import B_B, judged_at
from deploy.verifier.receipt_xml_proof import proofs_of, stamped_value
from deploy.verifier.verdict import Broken, require

NAMESPACE: Final = "urn:lephi:bien-lai:1"
OURS: Final = f"{{{NAMESPACE}}}"
DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
XADES: Final = "{http://uri.etsi.org/01903/v1.3.2#}"
DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
ECDSA_BYTES: Final = 64
BYTES_MAX: Final = 1_000_000
CONFIGURATION: Final = XAdESSignatureConfiguration(
    expect_references=3,
    location=f"./{OURS}DSCKS/{OURS}DVThu/",
    signature_methods=frozenset({SignatureMethod.ECDSA_SHA256, SignatureMethod.RSA_SHA256}),
    digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    form_code: str
    symbol: str
    number: int
    amount: int
    currency: str
    payment_intent_id: str
    provider_reference: str
    xml_sha256: str
    signed_by: str
    signed_at: datetime

    @property
    def name(self) -> str:
        return f"{self.form_code} {self.symbol} {self.number}"


def read_receipt_xml(raw: bytes, anchors: Anchors) -> ReceiptFacts:
    root = _issued_form(raw)
    signature = _only(root, f"{OURS}DSCKS/{OURS}DVThu/{DS}Signature")
    certificate, *between = _certificates(signature)
    anchors = anchors.through(between)
    anchors.authority_of(certificate)
    _require_shape(signature, certificate)
    covered, properties = _covered(raw, certificate)
    signed_at = judged_at(
        proofs_of(_only(signature, f"{DS}Object/{XADES}QualifyingProperties")),
        promised=covered.findtext(f"{OURS}DLBLai/{OURS}TTChung/{OURS}MDKSo", B_B),
        signature=stamped_value(_only(signature, f"{DS}SignatureValue")),
        certificate=certificate,
        claimed=_instant(properties),
        anchors=anchors,
    )
    content = f"{OURS}DLBLai/{OURS}NDBLai"
    amount = _whole(_text(covered, f"{content}/{OURS}TToan/{OURS}TgTTTBSo"))
    items = covered.findall(f"{content}/{OURS}DSKThu/{OURS}KThu/{OURS}STien")
    require(
        amount == sum(_whole(item.text or "") for item in items),
        "the lines do not add up to the amount",
    )
    general = f"{OURS}DLBLai/{OURS}TTChung"
    return ReceiptFacts(
        form_code=_text(covered, f"{general}/{OURS}KHMSCTu"),
        symbol=_text(covered, f"{general}/{OURS}KHCTu"),
        number=_whole(_text(covered, f"{general}/{OURS}SCTu")),
        amount=amount,
        currency=_text(covered, f"{general}/{OURS}DVTTe"),
        payment_intent_id=_text(covered, f"{content}/{OURS}MYCTToan"),
        provider_reference=_text(covered, f"{content}/{OURS}TToan/{OURS}MGDich"),
        xml_sha256=sha256_hex(raw),
        signed_by=holder_of(certificate),
        signed_at=signed_at,
    )


def _issued_form(raw: bytes) -> etree._Element:
    require(len(raw) <= BYTES_MAX, "it is larger than any receipt")
    require(b"<!DOCTYPE" not in raw, "it declares a document type")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
        canonical = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    except (etree.LxmlError, ValueError) as error:
        raise Broken("it is not well-formed XML") from error
    require(root.tag == f"{OURS}BLai", "it is not a receipt")
    require(raw == DECLARATION + canonical, "it is spelled in another way than it was issued")
    return root


def _require_shape(signature: etree._Element, certificate: x509.Certificate) -> None:
    """Whatever of the signature is under no digest: names, ids, and nothing between them."""
    value, held = _only(signature, f"{DS}SignatureValue"), _only(signature, f"{DS}Object")
    properties = _only(held, f"{XADES}QualifyingProperties")
    signed = _only(properties, f"{XADES}SignedProperties")
    name, key_info = signature.get("Id", ""), _only(signature, f"{DS}KeyInfo")
    _require_children(signature, "SignedInfo", "SignatureValue", "KeyInfo", "Object")
    _require_children(held, "QualifyingProperties")
    proven = ["UnsignedProperties"] if len(properties) > 1 else []
    _require_children(properties, "SignedProperties", *proven)
    expected = {signature: {"Id": name}, value: {}, held: {}, properties: {"Target": f"#{name}"}}
    for element, attributes in expected.items():
        require(dict(element.attrib) == attributes, "the signature has other attributes")
    require(
        name != "" and signed.get("Id", "").startswith(f"{name}-"),
        "the signature and its properties do not belong together",
    )
    covered = [one.get("URI") for one in signature.findall(f"{DS}SignedInfo/{DS}Reference")]
    wanted = ["", f"#{signed.get('Id')}", f"#{key_info.get('Id')}"]
    require(covered == wanted, "the signature is over something else")
    length = len(from_base64(value.text, "the signature"))
    key = certificate.public_key()
    expected_length = key.key_size // 8 if isinstance(key, RSAPublicKey) else ECDSA_BYTES
    require(length == expected_length, "the signature has the wrong length")


def _require_children(element: etree._Element, *names: str) -> None:
    found = [etree.QName(child).localname for child in element if isinstance(child.tag, str)]
    require(found == list(names) and len(element) == len(names), "the signature has other parts")
    between = [element.text, *(child.tail for child in element)]
    require(not any(between), "the signature has text between its parts")


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    """The signer's first; all of them stand under its signature."""
    places = signature.findall(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    require(1 <= len(places) <= 1 + BETWEEN_MAX, "the signature must carry its certificate")
    return [
        load_certificate(from_base64("".join((one.text or "").split()), "the certificate"))
        for one in places
    ]


def _covered(raw: bytes, certificate: x509.Certificate) -> tuple[etree._Element, etree._Element]:
    """The document and the properties that the signature was found to be over."""
    # signxml would judge the certificate by the clock on the wall; we judge it at its own time.
    timeless = replace(CONFIGURATION, verification_time=certificate.not_valid_after_utc)
    try:
        results = XAdESVerifier().verify(raw, x509_cert=certificate, expect_config=timeless)
    # signxml lets some errors of what it is built on through.
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, AttributeError) as error:
        raise Broken("the signature does not fit the receipt") from error
    document, properties = results[0].signed_xml, results[1].signed_xml
    if document is None or document.tag != f"{OURS}BLai":
        raise Broken("the signature is not over the receipt")
    if properties is None or properties.tag != f"{XADES}SignedProperties":
        raise Broken("the signature is not over its own properties")
    return document, properties


def _instant(properties: etree._Element) -> datetime:
    text = properties.findtext(f"{XADES}SignedSignatureProperties/{XADES}SigningTime", "")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Broken("the time of signing cannot be read") from error
    require(instant.tzinfo is not None, "the time of signing has no zone")
    return instant


def _only(parent: etree._Element, path: str) -> etree._Element:
    found = parent.findall(path)
    require(len(found) == 1, f"there must be one {path.rpartition('}')[2]}")
    return found[0]


def _text(parent: etree._Element, path: str) -> str:
    text = _only(parent, path).text
    if not text:
        raise Broken(f"{path.rpartition('}')[2]} is empty")
    return text


def _whole(text: str) -> int:
    require(text.isascii() and text.isdigit(), f"{text!r} is not a whole number")
    return int(text)
