"""A signer below two authorities that nobody knows: only the root is trusted."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from deploy.verifier.anchors import Anchors
from deploy.verifier.pdf_signature import BYTE_RANGE
from deploy.verifier.receipt_pdf import read_attached_receipt, read_signed_pdf
from deploy.verifier.receipt_xml import read_receipt_xml
from deploy.verifier.verdict import Broken
from services.receipt.providers.signers.certificates import identity_of
from services.receipt.providers.signers.file_signer import FileSigner
from tests.receipt.renderers.test_second_opinions import schema
from tests.receipt.signers.pki import Authority, Key, p256, rsa, three_levels
from tests.receipt.signers.second_opinions import made_by, opinions

ALL = {"xmlsec1": True, "pdfsig": True, "pyhanko": True}


def anchors(root: x509.Certificate) -> Anchors:
    return Anchors(receipt_authorities=[root], evidence_keys={}, clients={})


def signer(key: Key, authority: Authority, chain: list[x509.Certificate]) -> FileSigner:
    return FileSigner(key, authority.certify(key), chain)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return three_levels()


@pytest.mark.parametrize("make", [p256, rsa], ids=["p256", "rsa"])
async def test_with_the_root_alone_everybody_accepts_it(
    authority: Authority, make: Callable[[], Key], tmp_path: Path
) -> None:
    key = make()
    xml, pdf = await made_by(signer(key, authority, authority.chain))

    trusted = anchors(authority.root)
    signed = read_signed_pdf(pdf, trusted)

    assert await opinions(xml, pdf, authority.root, tmp_path) == ALL
    assert read_receipt_xml(xml, trusted) == read_attached_receipt(signed, trusted)
    schema().assertValid(etree.fromstring(xml))


async def test_without_those_between_nobody_does(authority: Authority, tmp_path: Path) -> None:
    xml, pdf = await made_by(signer(p256(), authority, []))

    accepted = await opinions(xml, pdf, authority.root, tmp_path)

    assert accepted == dict.fromkeys(ALL, False)
    with pytest.raises(Broken, match="nobody we trust"):
        read_receipt_xml(xml, anchors(authority.root))
    with pytest.raises(Broken, match="nobody we trust"):
        read_signed_pdf(pdf, anchors(authority.root))


async def test_who_trusts_one_between_accepts_it_as_well(authority: Authority) -> None:
    xml, _pdf = await made_by(signer(p256(), authority, authority.chain))

    read_receipt_xml(xml, anchors(authority.certificate))


def test_the_order_of_a_file_does_not_matter_and_strangers_are_left_out(
    authority: Authority,
) -> None:
    given = [*reversed(authority.chain), three_levels().certificate, authority.root]

    identity = identity_of(authority.certify(p256()), given)

    assert identity.chain == tuple(one.public_bytes(Encoding.DER) for one in authority.chain)


async def test_an_authority_that_may_have_none_below_it_vouches_for_none(tmp_path: Path) -> None:
    root = Authority(called="Gốc thử nghiệm", levels_below=0)
    below = Authority(above=root)
    xml, pdf = await made_by(signer(p256(), below, below.chain))

    assert (await opinions(xml, pdf, root.root, tmp_path))["xmlsec1"] is False
    with pytest.raises(Broken, match="nobody we trust"):
        read_receipt_xml(xml, anchors(root.root))


async def test_a_signer_poses_as_no_authority(authority: Authority) -> None:
    """Whoever has a certificate for signing cannot give out others."""
    honest, forged = p256(), p256()
    posing = Authority(key=honest, called="Sở Tư pháp tỉnh Đồng Nai")
    chain = [authority.certify(honest), *authority.chain]
    xml, pdf = await made_by(FileSigner(forged, posing.certify(forged), chain))

    for read, content in ((read_receipt_xml, xml), (read_signed_pdf, pdf)):
        with pytest.raises(Broken, match="does not vouch"):
            read(content, anchors(authority.root))


async def test_a_certificate_between_is_exchanged_by_nobody(authority: Authority) -> None:
    """Not even for another one of the same authority and key, which would verify as well."""
    xml, pdf = await made_by(signer(p256(), authority, authority.chain))
    first = authority.certificate
    another = Authority(key=authority.key, above=authority.above).certificate
    before, after = (one.public_bytes(Encoding.DER) for one in (first, another))

    with pytest.raises(Broken, match="does not fit"):
        read_receipt_xml(xml.replace(b64encode(before), b64encode(after)), anchors(authority.root))
    with pytest.raises(Broken, match="names another certificate"):
        read_signed_pdf(exchanged(pdf, before, after), anchors(authority.root))


def exchanged(pdf: bytes, before: bytes, after: bytes) -> bytes:
    """The PDF with another certificate in its signature's set, which nobody signed."""
    start, end, _rest = (int(one) for one in BYTE_RANGE.findall(pdf)[0])
    content = cms.ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode()))
    said = content["content"]
    said["certificates"] = [
        cms.CertificateChoices.load(after) if one.dump() == before else one
        for one in said["certificates"]
    ]
    built = content.dump(force=True)
    assert after in built
    room = (end - start - 2) // 2
    spelled: bytes = built.ljust(room, b"\0").hex().upper().encode()
    return pdf[: start + 1] + spelled + pdf[end - 1 :]


async def test_a_signer_without_any_signs_as_it_always_did() -> None:
    """One certificate in the XML, one in the PDF, and one that is named."""
    authority = Authority()
    key = rsa()
    xml, pdf = await made_by(signer(key, authority, [authority.certificate]))

    start, end, _rest = (int(one) for one in BYTE_RANGE.findall(pdf)[0])
    said = cms.ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode()))["content"]
    assert xml.count(b"<ds:X509Certificate>") == 1
    assert len(said["certificates"]) == 1
    carried = xml.partition(b"<ds:X509Certificate>")[2].partition(b"<")[0]
    assert x509.load_der_x509_certificate(b64decode(carried)).public_key() == key.public_key()
