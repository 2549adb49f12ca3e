"""The slip as a citizen meets it: on paper, in front of a telephone."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.typesetting import typeset
from services.dossier.domain.catalog import Channel
from services.dossier.domain.dossier import Applicant, Dossier
from services.dossier.domain.fee import Fee
from services.dossier.domain.fee_request import FeeRequest
from services.dossier.domain.printable import PRINTABLE_PATTERN, tidied
from services.dossier.domain.slip import Slip, write_slip
from services.dossier.renderers.slip import TypstSlipRenderer, draw_slip
from tests.dossier.samples import APPLICANT, CODE, DOSSIER, FEE_REQUEST, MORNING

OPENED = FEE_REQUEST.opened_with(CODE)


def slip(
    request: FeeRequest | None = OPENED,
    *,
    dossier: Dossier = DOSSIER,
    applicant: Applicant = APPLICANT,
) -> Slip:
    return write_slip(
        dossier, applicant, request, now=MORNING, lookup_url="https://dichvucong.example.vn"
    )


def run(*command: str | Path) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout


def text_of(pdf: bytes, folder: Path) -> str:
    path = folder / "slip.pdf"
    path.write_bytes(pdf)
    return " ".join(run("pdftotext", "-layout", path, "-").decode().split())


def codes_seen_in(pdf: bytes, folder: Path) -> list[str]:
    path = folder / "slip.pdf"
    path.write_bytes(pdf)
    run("pdftoppm", "-r", "150", "-png", "-singlefile", path, folder / "page")
    seen = subprocess.run(
        ["zbarimg", "--quiet", "--raw", folder / "page.png"],
        check=False,  # It ends with 4 when it sees no code.
        capture_output=True,
        text=True,
    )
    return seen.stdout.splitlines()


@pytest.mark.integration
@pytest.mark.parametrize("channel", list(Channel))
def test_a_telephone_reads_exactly_the_payload_from_the_paper(
    channel: Channel, tmp_path: Path
) -> None:
    pdf = draw_slip(slip(dossier=replace(DOSSIER, channel=channel)))

    assert codes_seen_in(pdf, tmp_path) == [CODE.qr_payload]


@pytest.mark.integration
def test_a_paid_slip_shows_no_code(tmp_path: Path) -> None:
    pdf = draw_slip(slip(OPENED.paid(at=MORNING)))

    assert codes_seen_in(pdf, tmp_path) == []
    assert "ĐÃ NỘP ĐỦ PHÍ, LỆ PHÍ: 1.350.000 đồng" in text_of(pdf, tmp_path)


@pytest.mark.integration
def test_the_paper_says_all_that_the_office_and_the_payer_need(tmp_path: Path) -> None:
    text = text_of(draw_slip(slip()), tmp_path)

    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "H19.25-261123-0001",
        "Nguyễn Thị Ánh Tuyết",
        "Tách thửa hoặc hợp thửa đất (mã 1.012784)",
        "09 giờ 15 phút, ngày 23/11/2026",
        "12 ngày làm việc",
        "Nghị quyết 21/2024/NQ-HĐND",
        "Giảm 50% của 200.000 đồng: Hộ cận nghèo",
        "Tổng cộng 1.350.000",
        "Vietcombank (BIN 970436)",
        "0011004000111",
        "VAN PHONG DANG KY DAT DAI DONG NAI",
        "LP7K2M9QX4",
        "09 giờ 15 phút, ngày 24/11/2026",
        "ứng dụng ngân hàng hoặc ví điện tử bất kỳ",
        "https://dichvucong.example.vn",
        "0251 1022",
    ):
        assert words in text


@pytest.mark.integration
def test_a_free_dossier_says_that_nothing_is_due(tmp_path: Path) -> None:
    text = text_of(draw_slip(slip(None, dossier=replace(DOSSIER, fee=Fee()))), tmp_path)

    assert "không phải nộp phí, lệ phí" in text


@pytest.mark.integration
def test_signatures_are_asked_for_only_at_the_counter(tmp_path: Path) -> None:
    online = text_of(draw_slip(slip()), tmp_path)
    counter = text_of(draw_slip(slip(dossier=replace(DOSSIER, channel=Channel.COUNTER))), tmp_path)

    assert "NGƯỜI TIẾP NHẬN HỒ SƠ" not in online
    assert "NGƯỜI TIẾP NHẬN HỒ SƠ" in counter


@pytest.mark.integration
def test_a_long_table_goes_on_over_the_page_and_keeps_the_code_whole(tmp_path: Path) -> None:
    lines = tuple(
        replace(DOSSIER.fee.lines[1], line_code=f"phi-{n}", amount=DOSSIER.fee.lines[1].amount)
        for n in range(25)
    )
    dossier = replace(DOSSIER, fee=Fee(lines=lines))
    pdf = draw_slip(slip(dossier=dossier))
    (tmp_path / "long.pdf").write_bytes(pdf)

    pages = run("pdfinfo", tmp_path / "long.pdf").decode()
    run("pdftoppm", "-r", "150", "-png", tmp_path / "long.pdf", tmp_path / "long")
    seen = [
        line
        for page in sorted(tmp_path.glob("long-*.png"))
        for line in subprocess.run(
            ["zbarimg", "--quiet", "--raw", page], check=False, capture_output=True, text=True
        ).stdout.splitlines()
    ]

    assert int(pages.split("Pages:")[1].split()[0]) > 1
    assert seen == [CODE.qr_payload]


async def test_the_same_slip_is_drawn_with_the_same_bytes() -> None:
    renderer = TypstSlipRenderer()

    assert await renderer.render(slip()) == await renderer.render(slip())


def test_names_are_printed_and_never_run(tmp_path: Path) -> None:
    nasty = Applicant(full_name='#read("/etc/passwd") *x* $y$ [z] \\ `', address="# = - + /")

    text = text_of(draw_slip(slip(applicant=nasty)), tmp_path)

    assert '#read("/etc/passwd") *x* $y$ [z] \\ `' in text


def test_every_letter_that_a_name_may_have_can_be_archived(tmp_path: Path) -> None:
    template = tmp_path / "letters.typ"
    template.write_text(
        '#set document(date: datetime(year: 2026, month: 1, day: 1))\n#set text(font: "Be Vietnam '
        'Pro")\n#json(bytes(sys.inputs.data)).letters',
        encoding="utf-8",
    )
    letters = {chr(code) for code in range(0x20, 0x3000)}
    allowed = sorted(letter for letter in letters if matches(letter))

    assert typeset(template, {"letters": " ".join(allowed)}, standards=["a-3b"])
    assert {"ữ", "Đ", "ễ", "ß", "ž", "-", "'"} <= set(allowed)
    assert not {"漢", "\n", "\x00", "\u202e", "\u200b"} & set(allowed)


def matches(text: str) -> bool:
    return re.fullmatch(PRINTABLE_PATTERN, text) is not None


def test_a_name_typed_with_loose_accents_is_put_together() -> None:
    loose = "  Nguye\u0302\u0303n   Thi\u0323 A\u0301nh "

    assert tidied(loose) == "Nguyễn Thị Ánh"
