"""The words on a receipt are part of what is signed; this table is their specification."""

from typing import Any

import pytest

from chassis.errors import Invalid
from services.receipt.domain.receipts.amount_in_words import amount_in_words

SOUTHERN = {
    1001: "Một nghìn không trăm lẻ một đồng",
    1015: "Một nghìn không trăm mười lăm đồng",
    2024: "Hai nghìn không trăm hai mươi bốn đồng",
    10005: "Mười nghìn không trăm lẻ năm đồng",
    1_001_000: "Một triệu không trăm lẻ một nghìn đồng",
    1_005_000: "Một triệu không trăm lẻ năm nghìn đồng",
    1_050_000: "Một triệu không trăm năm mươi nghìn đồng",
    1_001_000_000: "Một tỷ không trăm lẻ một triệu đồng",
    21_000_000_021: "Hai mươi mốt tỷ không trăm hai mươi mốt đồng",
    10**15: "Một triệu tỷ đồng",
}
NORTHERN = {
    0: "Không đồng",
    1: "Một đồng",
    4: "Bốn đồng",
    5: "Năm đồng",
    10: "Mười đồng",
    11: "Mười một đồng",
    14: "Mười bốn đồng",
    15: "Mười lăm đồng",
    20: "Hai mươi đồng",
    21: "Hai mươi mốt đồng",
    24: "Hai mươi bốn đồng",
    25: "Hai mươi lăm đồng",
    50: "Năm mươi đồng",
    55: "Năm mươi lăm đồng",
    91: "Chín mươi mốt đồng",
    100: "Một trăm đồng",
    101: "Một trăm linh một đồng",
    105: "Một trăm linh năm đồng",
    110: "Một trăm mười đồng",
    111: "Một trăm mười một đồng",
    115: "Một trăm mười lăm đồng",
    121: "Một trăm hai mươi mốt đồng",
    555: "Năm trăm năm mươi lăm đồng",
    1000: "Một nghìn đồng",
    1001: "Một nghìn không trăm linh một đồng",
    1010: "Một nghìn không trăm mười đồng",
    1100: "Một nghìn một trăm đồng",
    10_000: "Mười nghìn đồng",
    25_000: "Hai mươi lăm nghìn đồng",
    90_000: "Chín mươi nghìn đồng",
    100_000: "Một trăm nghìn đồng",
    105_005: "Một trăm linh năm nghìn không trăm linh năm đồng",
    150_000: "Một trăm năm mươi nghìn đồng",
    1_000_000: "Một triệu đồng",
    1_000_001: "Một triệu không trăm linh một đồng",
    1_234_567: "Một triệu hai trăm ba mươi bốn nghìn năm trăm sáu mươi bảy đồng",
    2_082_000: "Hai triệu không trăm tám mươi hai nghìn đồng",
    1_000_000_000: "Một tỷ đồng",
    1_000_000_001: "Một tỷ không trăm linh một đồng",
    2_000_500_000: "Hai tỷ năm trăm nghìn đồng",
    10**12: "Một nghìn tỷ đồng",
    1_005 * 10**9: "Một nghìn không trăm linh năm tỷ đồng",
    1_000_000_000_005: "Một nghìn tỷ không trăm linh năm đồng",
    10**15: "Một triệu tỷ đồng",
    10**15 + 15: "Một triệu tỷ không trăm mười lăm đồng",
    10**18: "Một tỷ tỷ đồng",
}


@pytest.mark.parametrize(("amount", "words"), NORTHERN.items())
def test_an_amount_is_read_as_a_receipt_says_it(amount: int, words: str) -> None:
    assert amount_in_words(amount) == words


@pytest.mark.parametrize(("amount", "words"), SOUTHERN.items())
def test_the_southern_word_for_empty_tens_can_be_chosen(amount: int, words: str) -> None:
    assert amount_in_words(amount, zero_tens="lẻ") == words


@pytest.mark.parametrize("amount", [-1, -150_000, 1.0, 1.5, "150000", True, None])
def test_what_is_not_a_whole_amount_of_zero_or_more_is_refused(amount: Any) -> None:
    with pytest.raises(Invalid):
        amount_in_words(amount)


def test_two_amounts_never_share_their_words() -> None:
    amounts = [*range(3_000), *range(999_000, 1_003_000), *range(10**9, 10**9 + 2_000)]

    assert len({amount_in_words(amount) for amount in amounts}) == len(amounts)
