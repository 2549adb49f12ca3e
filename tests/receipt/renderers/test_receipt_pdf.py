import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.canonical import sha256_hex
from chassis.testing import FrozenClock
from services.receipt.domain.receipts.fee import Kind, Payer
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner, _set
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.renderers.wording import EUROPEAN, shown
from tests.receipt.renderers.conftest import LOOKUP_PAGE, program
from tests.receipt.samples import NOON, PAYER, line, paid_bill, receipt

pytestmark = pytest.mark.integration


def run(name: str, *arguments: str | Path) -> str:
    command = [program(name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_page_says_what_the_receipt_says(pdf_file: Path) -> None:
    words = run("pdftotext", "-layout", pdf_file, "-")

    for said in (
        "BIÊN LAI THU PHÍ, LỆ PHÍ",
        "01BLP0-001",
        "AA-26E",
        "00000017",
        "Ngày 23 tháng 11 năm 2026",
        "VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI TỈNH ĐỒNG NAI",
        "Nguyễn Thị Ánh Nguyệt",
        "075188012345",
        "100.000 đồng",
        "Một trăm nghìn đồng.",
        "Chuyển khoản (mã VietQR)",
        "H19.25-261123-0001",
        "Được ký bởi",
        "12:00:00 ngày 23/11/2026",
        "Nghị định số 254/2026/NĐ-CP",
        receipt().lookup_code,
    ):
        assert said in words, said


def test_the_original_is_attached_byte_for_byte(pdf_file: Path, xml: bytes, tmp_path: Path) -> None:
    run("pdfdetach", "-saveall", "-o", tmp_path, pdf_file)

    assert (tmp_path / "bien-lai-AA-26E-00000017.xml").read_bytes() == xml


def test_pdfsig_finds_one_valid_signature_over_the_whole_document(
    pdf_file: Path, keys_dir: Path, tmp_path: Path
) -> None:
    trusted = tmp_path / "nss"
    trusted.mkdir()
    authority = keys_dir / "receipt" / "ca.pem"
    run("certutil", "-N", "-d", trusted, "--empty-password")
    run("certutil", "-A", "-d", trusted, "-n", "ca", "-t", "CT,C,C", "-i", authority)

    said = run("pdfsig", "-nssdir", trusted, pdf_file)

    assert said.count("Signature #") == 1
    assert "ETSI.CAdES.detached" in said
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "Certificate is Trusted." in said


def test_a_phone_can_read_the_look_up_code(pdf_file: Path, tmp_path: Path) -> None:
    run("pdftoppm", "-r", "150", "-png", "-singlefile", pdf_file, tmp_path / "page")

    read = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", tmp_path / "page.png")

    code = receipt().lookup_code
    asked = f"form_code=01BLP0-001&symbol=AA-26E&number=17&code={code}"
    assert read.strip() == f"{LOOKUP_PAGE}?{asked}"


def test_the_usual_receipt_fits_one_page(pdf_file: Path) -> None:
    assert "Pages:           1" in run("pdfinfo", pdf_file)


async def test_long_names_and_many_lines_go_on_to_more_pages(
    signing_key: FileSigner, tmp_path: Path
) -> None:
    lines = [line("phi", 1_234_567, f"Khoản thứ {n} " + "rất dài " * 20) for n in range(30)]
    numbered = receipt(*lines, kind=Kind.PHI)
    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(numbered, PAYER, at=NOON)
    issued = numbered.issue(at=NOON, xml_sha256=sha256_hex(xml))
    signer = PdfReceiptSigner(
        OneSigner(signing_key), lookup_page=LOOKUP_PAGE, clock=FrozenClock(NOON)
    )

    path = tmp_path / "long.pdf"
    path.write_bytes(await signer.sign(issued, PAYER, xml=xml))

    words = run("pdftotext", "-layout", path, "-")
    assert "37.037.010 đồng" in words
    assert "(tiếp theo)" in words
    assert "Khoản thứ 29" in words


@pytest.mark.parametrize(
    "name",
    [
        "An 😀 漢字 العربية \u200b\u202e\ue000\U000e0001",
        "*An* #link(1) $x$ <a> @b `c` \\ // /* ~ -- '",
        "W" * 300,
        "".join(map(chr, [*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)])) + EUROPEAN,
        "ƠơƯư" + "".join(map(chr, range(0x1EA0, 0x1EFA))) + "‘’“”–—…•€₫",
    ],
    ids=["foreign", "markup", "long", "latin", "vietnamese"],
)
async def test_any_name_can_be_shown(signing_key: FileSigner, tmp_path: Path, name: str) -> None:
    odd = receipt(line("phi", 5, name), kind=Kind.PHI)
    payer = Payer(full_name=name, identity_number=name, address=name)
    xml = await XmlReceiptSigner(OneSigner(signing_key)).sign(odd, payer, at=NOON)
    issued = odd.issue(at=NOON, xml_sha256=sha256_hex(xml))
    signer = PdfReceiptSigner(
        OneSigner(signing_key), lookup_page=LOOKUP_PAGE, clock=FrozenClock(NOON)
    )

    if "😀" not in name:
        assert shown(name) == " ".join(name.split())
    path = tmp_path / "odd.pdf"
    path.write_bytes(await signer.sign(issued, payer, xml=xml))

    assert "BIÊN LAI THU PHÍ, LỆ PHÍ" in run("pdftotext", "-layout", path, "-")


async def test_a_bill_of_no_dossier_has_its_page(signing_key: FileSigner, xml: bytes) -> None:
    bill = replace(receipt(issued=True), fee=paid_bill())

    page = await PdfReceiptSigner(
        OneSigner(signing_key), lookup_page=LOOKUP_PAGE, clock=FrozenClock(NOON)
    ).sign(bill, PAYER, xml=xml)

    assert page.startswith(b"%PDF-")


def test_a_word_longer_than_its_line_stays_on_the_page(
    signing_key: FileSigner, tmp_path: Path
) -> None:
    maker = PdfReceiptSigner(
        OneSigner(signing_key), lookup_page=LOOKUP_PAGE, clock=FrozenClock(NOON)
    )
    data = maker._data(receipt(issued=True), Payer(full_name="W" * 200), holder="An")
    path = tmp_path / "wide.pdf"
    path.write_bytes(_set(data, b"<a/>"))

    boxes = re.findall(r'xMax="([0-9.]+)"[^>]*>W+', run("pdftotext", "-bbox", path, "-"))

    width = 210 / 25.4 * 72
    assert boxes
    assert max(map(float, boxes)) < width - 30
