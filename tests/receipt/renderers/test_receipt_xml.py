import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from services.receipt.domain.receipts.fee import Kind, Payer
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_xml import DECLARATION, NAMESPACE, XmlReceiptSigner
from tests.receipt.renderers.conftest import program
from tests.receipt.samples import NOON, PAYER, line, paid_bill, receipt

SIGNED_PROPERTIES = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"


def texts(xml: bytes) -> dict[str, str]:
    root = etree.fromstring(xml)
    found = root.iterfind(f".//{{{NAMESPACE}}}*")
    return {etree.QName(one).localname: one.text for one in found if one.text}


def xmlsec1_accepts(path: Path, authority: Path) -> bool:
    command = [program("xmlsec1"), "--verify", "--enabled-key-data", "x509"]
    command += ["--trusted-pem", str(authority), "--id-attr:Id", SIGNED_PROPERTIES, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "SignedInfo References (ok/all): 3/3" in (
        done.stdout + done.stderr
    )


def test_the_mandatory_contents_are_all_there(xml: bytes) -> None:
    said = texts(xml)

    assert said["TBLai"] == "Biên lai thu phí, lệ phí"
    assert (said["KHMSCTu"], said["KHCTu"], said["SCTu"]) == ("01BLP0-001", "AA-26E", "00000017")
    assert (said["NLap"], said["DVTTe"]) == ("2026-11-23", "VND")
    assert said["HTTToan"] == "Chuyển khoản (mã VietQR)"
    assert said["MST"] == "3600123456"
    assert said["MSDDanh"] == "075188012345"
    assert (said["TgTTTBSo"], said["TgTTTBChu"]) == ("100000", "Một trăm nghìn đồng")
    assert (said["MaHoSo"], said["MaTTHC"]) == ("H19.25-261123-0001", "1.012756")
    root = etree.fromstring(xml)
    names = [one.text for one in root.iterfind(f".//{{{NAMESPACE}}}Ten")]
    assert names == [
        "Văn phòng Đăng ký đất đai tỉnh Đồng Nai",
        "Nguyễn Thị Ánh Nguyệt",
        "Lệ phí cấp giấy chứng nhận quyền sử dụng đất",
    ]


async def test_a_bill_is_named_as_its_biller_names_it(signing_key: FileSigner) -> None:
    bill = replace(receipt(), fee=paid_bill())

    said = texts(await XmlReceiptSigner(OneSigner(signing_key)).sign(bill, PAYER, at=NOON))

    assert said["MaKThu"] == "HP-2026/11-000123"
    assert not {"MaHoSo", "MaTTHC", "TenTTHC"} & set(said)


def test_the_file_is_a_declaration_and_the_canonical_form(xml: bytes) -> None:
    root = etree.fromstring(xml)

    assert xml == DECLARATION.encode() + etree.tostring(
        root, method="c14n", exclusive=True, with_comments=False
    )


def test_signxml_accepts_all_three_references(xml: bytes, keys_dir: Path) -> None:
    results = XAdESVerifier().verify(
        xml,
        ca_pem_file=str(keys_dir / "receipt" / "ca.pem"),
        expect_config=XAdESSignatureConfiguration(expect_references=3),
    )

    assert len(results) == 3


@pytest.mark.integration
def test_xmlsec1_accepts_it_and_refuses_another_amount(
    xml: bytes, keys_dir: Path, tmp_path: Path
) -> None:
    authority = keys_dir / "receipt" / "ca.pem"
    honest, forged = tmp_path / "honest.xml", tmp_path / "forged.xml"
    honest.write_bytes(xml)
    forged.write_bytes(xml.replace(b">100000<", b">900000<"))

    assert xmlsec1_accepts(honest, authority)
    assert not xmlsec1_accepts(forged, authority)


async def test_the_same_receipt_signed_at_the_same_instant_differs_in_the_signature_alone(
    xml: bytes, signing_key: FileSigner
) -> None:
    again = await XmlReceiptSigner(OneSigner(signing_key)).sign(receipt(), PAYER, at=NOON)
    opening, closing = b"<ds:SignatureValue>", b"</ds:SignatureValue>"

    assert again != xml
    assert again.split(opening)[0] == xml.split(opening)[0]
    assert again.split(closing)[1] == xml.split(closing)[1]


async def test_what_is_not_known_is_left_out(signing_key: FileSigner) -> None:
    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(
        receipt(), Payer(full_name="An"), at=NOON
    )

    assert "MSDDanh" not in texts(xml)
    assert b"><" in xml
    assert b"<MSDDanh" not in xml


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("A & B <c>", "A & B <c>"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("hai\n dòng\t\r", "hai dòng"),
        ("\x00\x1b[31mAn\ud800\ufffe", "[31mAn"),
    ],
)
async def test_any_name_can_be_written_and_signed(
    signing_key: FileSigner, keys_dir: Path, name: str, written: str
) -> None:
    odd = receipt(line("phi", 5, name), kind=Kind.PHI)

    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(odd, Payer(full_name=name), at=NOON)

    root = etree.fromstring(xml)
    names = [one.text for one in root.iterfind(f".//{{{NAMESPACE}}}Ten")]
    assert names[1:] == [written, written]
    XAdESVerifier().verify(xml, ca_pem_file=str(keys_dir / "receipt" / "ca.pem"))


def test_the_certificate_must_belong_to_the_key(keys_dir: Path, tmp_path: Path) -> None:
    for name in ("signer.key.pem", "ca.pem"):
        content = (keys_dir / "receipt" / name).read_bytes()
        (tmp_path / name.replace("ca.pem", "signer.pem")).write_bytes(content)

    with pytest.raises(ValueError, match="another key"):
        FileSigner.from_directory(tmp_path)
