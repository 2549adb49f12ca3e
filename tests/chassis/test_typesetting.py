import subprocess
from pathlib import Path

import pytest

from chassis.typesetting import FONT_FAMILY, FONTS_FOLDER, TypesettingFailed, typeset

EVERY_VIETNAMESE_VOWEL = (
    "aàáảãạ ăằắẳẵặ âầấẩẫậ eèéẻẽẹ êềếểễệ iìíỉĩị oòóỏõọ ôồốổỗộ ơờớởỡợ uùúủũụ ưừứửữự yỳýỷỹỵ đ"
)
TEMPLATE = """
#let d = json(bytes(sys.inputs.data))
#set document(title: d.title, date: datetime(year: 2026, month: 11, day: 23))
#set text(font: "Be Vietnam Pro", lang: "vi")
#d.title
*#d.title*
#if "attachment:original.xml" in sys.inputs {
  pdf.attach(
    "original.xml", bytes(sys.inputs.at("attachment:original.xml")),
    relationship: "source", mime-type: "application/xml", description: "The original",
  )
}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "page.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def text_of(pdf: bytes, folder: Path) -> str:
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True
    ).stdout


def test_every_vietnamese_letter_is_set_and_can_be_read_back(
    template: Path, tmp_path: Path
) -> None:
    words = f"{EVERY_VIETNAMESE_VOWEL} {EVERY_VIETNAMESE_VOWEL.upper()}"

    text = text_of(typeset(template, {"title": words}, standards=["a-3b"]), tmp_path)

    assert set(words.split()) <= set(text.split())


def test_the_same_data_gives_the_same_bytes(template: Path) -> None:
    once = typeset(template, {"title": "Biên nhận hồ sơ"})
    again = typeset(template, {"title": "Biên nhận hồ sơ"})

    assert once == again
    assert once.startswith(b"%PDF-")


def test_data_is_shown_as_it_is_and_never_run_as_a_template(template: Path, tmp_path: Path) -> None:
    nasty = '#read("page.typ") *bold* \\ $x$ "quoted"'

    text = text_of(typeset(template, {"title": nasty}), tmp_path)

    assert '#read("page.typ") *bold* \\ $x$ "quoted"' in text


def test_an_attachment_leaves_the_document_as_it_came(template: Path, tmp_path: Path) -> None:
    original = '<?xml version="1.0" encoding="UTF-8"?><a>Lê Thị Đỗ Quyên</a>'.encode()
    document = tmp_path / "with.pdf"

    document.write_bytes(
        typeset(
            template, {"title": "a"}, attachments={"original.xml": original}, standards=["a-3b"]
        )
    )
    subprocess.run(["pdfdetach", "-save", "1", "-o", tmp_path / "out.xml", document], check=True)

    assert (tmp_path / "out.xml").read_bytes() == original


def test_a_font_that_is_not_there_is_a_failure_and_not_a_silent_other_one(template: Path) -> None:
    template.write_text(TEMPLATE.replace(FONT_FAMILY, "No Such Font"), encoding="utf-8")

    with pytest.raises(TypesettingFailed, match="unknown font"):
        typeset(template, {"title": "a"})


def test_data_that_does_not_fit_the_template_is_a_failure(template: Path) -> None:
    with pytest.raises(TypesettingFailed, match="title"):
        typeset(template, {"name": "a"})


def test_a_template_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(TypesettingFailed, match=r"absent\.typ"):
        typeset(tmp_path / "absent.typ", {})


def test_an_archival_document_refuses_a_letter_that_the_font_cannot_show(template: Path) -> None:
    with pytest.raises(TypesettingFailed, match="could not be displayed"):
        typeset(template, {"title": "漢"}, standards=["a-3b"])


def test_the_fonts_come_with_their_licence() -> None:
    assert "SIL Open Font License" in (FONTS_FOLDER / "OFL.txt").read_text(encoding="utf-8")
