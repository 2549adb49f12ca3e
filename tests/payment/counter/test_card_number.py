from typing import Any

import pytest

from chassis.card_numbers import (
    CardNumberGiven,
    holds_card_number,
    refuse_card_numbers,
    refuse_card_numbers_in_body,
)
from tests.payment.counter.samples import CARD_NUMBERS


@pytest.mark.parametrize("number", CARD_NUMBERS)
@pytest.mark.parametrize("around", ["{}", "thẻ {} hết hạn 12/28", "x{}y", "{}?note", "ref:{}"])
def test_a_card_number_is_found_wherever_it_stands(number: str, around: str) -> None:
    assert holds_card_number(around.format(number))


@pytest.mark.parametrize("number", [one for one in CARD_NUMBERS if len(one) > 13])
@pytest.mark.parametrize("around", ["0{}", "00{}99", "2026{}"])
def test_and_inside_a_longer_number(number: str, around: str) -> None:
    assert holds_card_number(around.format(number))


@pytest.mark.parametrize(
    "written",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111 - 1111 1111 - 1111",
        "3782 822463 10005",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "４１１１１１１１１１１１１１１１",
        "4111\u200b1111\u200b1111\u200b1111",
        "٤١١١١١١١١١١١١١١١",
    ],
)
def test_and_however_it_is_written(written: str) -> None:
    assert holds_card_number(written)


@pytest.mark.parametrize(
    "innocent",
    [
        "",
        "4111111111111112",
        "Thiếu 20.000 đồng do trả nhầm tiền thừa",
        "H19.25-261123-00001",
        "FT16327000123456",
        "632812345678",
        "0011004000111",
        "0199f0c2-7d1a-7c3e-9a51-5d0f3b6a2e10",
        "2026-11-27 08:30:00 - 2026-11-27 17:00:00",
        "0912345678, 0987654321",
    ],
)
def test_other_numbers_are_not_taken_for_one(innocent: str) -> None:
    assert not holds_card_number(innocent)


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "thẻ 4111111111111111"},
        {"4111111111111111": 1},
        {"a": [{"b": ("x", "4111 1111 1111 1111")}]},
        {"amount": 4111111111111111},
    ],
)
def test_keys_lists_and_numbers_are_looked_through_and_the_refusal_repeats_nothing(
    body: dict[str, Any],
) -> None:
    with pytest.raises(CardNumberGiven) as refused:
        refuse_card_numbers(body)

    assert "4111" not in f"{refused.value} {refused.value.message_vi} {refused.value.members}"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"note": "4111111111111111"}',
        b'{"note": "4111111111111111", "note": "x"}',
        b'{"note": "\\u0034111111111111111", "note": "x"}',
        b"not json 4111 1111 1111 1111",
        b"4111111111111111\xff",
    ],
)
def test_a_body_is_looked_through_as_bytes_and_as_json_with_repeated_keys(raw: bytes) -> None:
    with pytest.raises(CardNumberGiven):
        refuse_card_numbers_in_body(raw)


def test_a_body_of_the_counter_without_one_passes() -> None:
    refuse_card_numbers_in_body(
        b'{"drawer_id": "0199f0c2-7d1a-7c3e-9a51-5d0f3b6a2e10", "tendered": {"amount": 200000}}'
    )
    refuse_card_numbers_in_body(b"")
