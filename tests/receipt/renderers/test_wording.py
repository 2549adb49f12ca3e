from unicodedata import normalize

import pytest

from chassis.money import Money
from services.receipt.domain.receipts.masking import masked_name
from services.receipt.renderers.wording import clean, figures, method_name


def test_thousands_are_parted_by_points() -> None:
    assert figures(Money(1_234_567)) == "1.234.567"
    assert figures(Money(999)) == "999"


def test_a_method_we_do_not_know_is_named_as_it_came() -> None:
    assert method_name("vietqr") == "Chuyển khoản (mã VietQR)"
    assert method_name("e_cheque") == "Séc điện tử"
    assert method_name("barter") == "barter"


def test_nothing_is_as_good_as_an_empty_line() -> None:
    assert clean(None) == clean(" \n ") == ""


def test_every_vietnamese_letter_comes_out_composed() -> None:
    letters = "".join(map(chr, range(0x1EA0, 0x1EFA))) + "ĂăÂâĐđÊêÔôƠơƯưÀÁÃÈÉÌÍÒÓÕÙÚÝ"

    assert clean(normalize("NFD", letters)) == letters == clean(letters)


@pytest.mark.parametrize("mark", "\u200b\u200e\u200f\u202e\u2066\u2069\ufeff\xad\u2060\x07\x9b")
def test_what_cannot_be_seen_is_not_in_a_name(mark: str) -> None:
    assert clean(f"Nguyễn{mark} An{mark}") == "Nguyễn An"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Nguyễn Thị Ánh Nguyệt", "N*** T*** Á*** N***"),
        ("  đỗ   an ", "Đ*** A***"),
        ("", ""),
    ],
)
def test_a_masked_name_tells_initials_and_no_length(name: str, masked: str) -> None:
    assert masked_name(name) == masked
