import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.domain.folding import fold


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Tách thửa hoặc hợp thửa đất", "tach thua hoac hop thua dat"),
        ("ĐĂNG KÝ ĐẤT ĐAI", "dang ky dat dai"),
        ("  Đăng   ký\tkhai\nsinh ", "dang ky khai sinh"),
        (unicodedata.normalize("NFD", "Chứng thực chữ ký"), "chung thuc chu ky"),
        ("khai\x00sinh", "khai sinh"),
        ("", ""),
    ],
)
def test_accents_case_and_spaces_do_not_matter(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text(max_size=50))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=50))
def test_composed_and_decomposed_spellings_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))
