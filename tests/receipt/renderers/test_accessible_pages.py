"""The page for those who hear it, keep it and print it: PDF/UA-1 and PDF/A-3a, on A5 and on A4."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from chassis.canonical import sha256_hex
from chassis.testing import FrozenClock
from services.receipt.domain.receipts.fee import Kind, Payer
from services.receipt.domain.receipts.paper import Paper
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.renderers.wording import COLLECTED_ONLINE
from tests.receipt.renderers.conftest import LOOKUP_PAGE, program
from tests.receipt.samples import NOON, PAYER, line, receipt

pytestmark = pytest.mark.integration
LETTERS: Final = "".join(map(chr, range(0x1EA0, 0x1EFA))) + (
    "ĂăÂâĐđÊêÔôƠơƯưÀÁÃÈÉÌÍÒÓÕÙÚÝàáãèéìíòóõùúýĨĩŨũ"
)
# Every Vietnamese letter that is no plain one, in words of five, and 200 characters in all.
LONG_NAME: Final = (
    " ".join(LETTERS[at : at + 5] for at in range(0, len(LETTERS), 5)) + " Nguyễn Thị Ánh" * 9
)[:200]
MILLIMETRES: Final = 72 / 25.4
# What a reader hears, in the order in which the receipt is filled in.
IN_ORDER: Final = (
    "VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI",
    "Mẫu số:",
    "BIÊN LAI THU PHÍ, LỆ PHÍ",
    "Người nộp tiền:",
    "Tên loại lệ phí",
    "Tổng cộng",
    "Số tiền thu:",
    "Viết bằng chữ:",
    "Hình thức thanh toán:",
    "Người thu tiền:",
    COLLECTED_ONLINE,
    "Tra cứu biên lai",
    "ĐƠN VỊ THU",
    "ĐÃ KÝ SỐ",
)


def run(name: str, *arguments: str | Path) -> str:
    command = [program(name), *map(str, arguments)]
    # pdfinfo writes the names of headings in an encoding of its own.
    said = subprocess.run(command, capture_output=True, check=True).stdout
    return said.decode("utf-8", "replace")


async def page_of(
    key: FileSigner, made: Receipt, payer: Payer = PAYER, *, paper: Paper = Paper.A5
) -> bytes:
    xml = await XmlReceiptSigner(OneSigner(key)).sign(made, payer, at=NOON)
    issued = made.issue(at=NOON, xml_sha256=sha256_hex(xml))
    signer = PdfReceiptSigner(
        OneSigner(key), lookup_page=LOOKUP_PAGE, clock=FrozenClock(NOON), paper=paper
    )
    return await signer.sign(issued, payer, xml=xml)


@pytest.fixture
async def page(signing_key: FileSigner, tmp_path: Path, paper: Paper) -> Path:
    path = tmp_path / "page.pdf"
    path.write_bytes(await page_of(signing_key, receipt(), paper=paper))
    return path


@pytest.fixture(params=list(Paper))
def paper(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_file_calls_itself_archivable_and_accessible(page: Path) -> None:
    raw = page.read_bytes()

    assert b"<pdfaid:part>3</pdfaid:part>" in raw
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in raw
    assert b"<pdfuaid:part>1</pdfuaid:part>" in raw


def test_it_is_tagged_vietnamese_and_titled(page: Path) -> None:
    with page.open("rb") as file:
        root = PdfFileReader(file).root
        said = {name: root[name] for name in ("/Lang", "/MarkInfo", "/ViewerPreferences")}
        preferences = said["/ViewerPreferences"]

        assert said["/Lang"] == "vi-VN"
        assert said["/MarkInfo"]["/Marked"]
        assert preferences["/DisplayDocTitle"]
    assert "Title:           Biên lai thu phí, lệ phí 01BLP0-001" in run("pdfinfo", page)


def test_headings_table_and_picture_are_there_to_be_heard(page: Path) -> None:
    tree = run("pdfinfo", "-struct-text", page)

    assert re.search(r"^ *H1 .*\n *\"BIÊN LAI THU PHÍ, LỆ PHÍ\"", tree, re.MULTILINE)
    assert re.search(r"^ *H2 .*\n *\"ĐƠN VỊ THU\"", tree, re.MULTILINE)
    # One table, whose cells know the heads of their columns.
    assert len(re.findall(r"^ *Table ", tree, re.MULTILINE)) == 1
    assert len(re.findall(r"^ *TH ", tree, re.MULTILINE)) == 5
    assert len(re.findall(r"^ *TD:\n *\/Headers \[\(", tree, re.MULTILINE)) == 7
    assert [tree.index(said) for said in IN_ORDER] == sorted(map(tree.index, IN_ORDER))


def test_the_picture_says_what_it_is_for(page: Path) -> None:
    with page.open("rb") as file:
        figures = [one for one in _elements(PdfFileReader(file)) if one["/S"] == "/Figure"]

        assert [str(one["/Alt"]) for one in figures] == [
            f"Mã QR tra cứu biên lai, mã tra cứu {receipt().lookup_code}"
        ]


def test_the_field_of_the_signature_is_named_and_outside_the_page(page: Path) -> None:
    with page.open("rb") as file:
        (named,) = PdfFileReader(file).root["/AcroForm"]["/Fields"]
        field = named.get_object()
        left, bottom, right, top = map(float, field["/Rect"])

        assert field["/TU"] == "Chữ ký số của đơn vị thu"
        assert (left, bottom) == (right, top)
        assert right < 0
        assert top < 0


def test_the_words_come_in_the_order_of_the_page(page: Path) -> None:
    words = run("pdftotext", "-raw", page, "-")

    assert [words.index(said) for said in IN_ORDER] == sorted(map(words.index, IN_ORDER))


def test_the_page_is_as_large_as_the_paper(page: Path, paper: Paper) -> None:
    width, height = map(float, re.findall(r"([0-9.]+) x ([0-9.]+) pts", run("pdfinfo", page))[0])
    wanted = {Paper.A5: (210, 148), Paper.A4: (210, 297)}[paper]

    assert (width / MILLIMETRES, height / MILLIMETRES) == pytest.approx(wanted, abs=0.1)
    assert "Pages:           1" in run("pdfinfo", page)


def test_it_can_be_read_and_scanned_in_black_and_white(page: Path, tmp_path: Path) -> None:
    """As a laser printer at 300 dots makes it: a dot is black or it is not there."""
    run("pdftoppm", "-r", "300", "-mono", "-singlefile", page, tmp_path / "page")

    read = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", tmp_path / "page.pbm")

    assert read.startswith(f"{LOOKUP_PAGE}?")
    colours = re.findall(r'rgb\("#(\w{6})"\)', _template())
    inks = [one for one in colours if _light(one) < 0.5]
    assert len(inks) >= 5
    # Words on white: as far from it as WCAG AA wants.
    assert [one for one in inks if 1.05 / (_light(one) + 0.05) < 4.5 and one != RULE] == []


async def test_a_name_of_two_hundred_letters_and_thirty_lines_fit(
    signing_key: FileSigner, tmp_path: Path, paper: Paper
) -> None:
    lines = [line("phi", 1_234_567, f"Khoản thứ {n} phí thẩm định hồ sơ") for n in range(1, 31)]
    payer = Payer(full_name=normalize("NFD", LONG_NAME))
    path = tmp_path / "long.pdf"

    path.write_bytes(await page_of(signing_key, receipt(*lines, kind=Kind.PHI), payer, paper=paper))

    assert len(LONG_NAME) == 200
    words = " ".join(run("pdftotext", "-raw", path, "-").split())
    assert LONG_NAME in words
    assert all(f"Khoản thứ {n} " in words for n in range(1, 31))
    assert "37.037.010 đồng" in words
    assert "�" not in words


RULE: Final = "8d96a3"


def _template() -> str:
    root = Path(__file__).parents[3]
    return (root / "services" / "receipt" / "renderers" / "receipt.typ").read_text("utf-8")


def _light(colour: str) -> float:
    """Relative luminance, as WCAG reckons it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def _elements(reader: PdfFileReader) -> list[Any]:
    found, waiting = [], [reader.root["/StructTreeRoot"]]
    while waiting:
        one = waiting.pop().get_object()
        if not isinstance(one, dict):
            continue
        if "/S" in one:
            found.append(one)
        kids = one["/K"] if "/K" in one else []  # noqa: SIM401
        waiting += kids if isinstance(kids, list) else [kids]
    return found
