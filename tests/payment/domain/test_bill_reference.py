import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.domain.intents.bill_reference import (
    ALPHABET,
    CANDIDATES_MAX,
    PREFIX,
    check_letter,
    named_references,
    new_bill_reference,
)

BILL = "LP0123456789"


@given(st.text(min_size=1, max_size=40))
def test_a_reference_is_short_plain_and_free_of_letters_that_look_alike(token: str) -> None:
    reference = new_bill_reference(token)

    assert re.fullmatch("LP[0-9A-HJKMNP-TV-Z]{10}", reference)
    assert named_references(f"MBVCB.1234.{reference}.CT tu 0011").bills == (reference,)


@given(st.text(min_size=1, max_size=40))
def test_any_one_wrong_letter_and_any_two_swapped_name_nothing(token: str) -> None:
    reference = new_bill_reference(token)
    letters = reference.removeprefix(PREFIX)
    wrong = [
        letters[:place] + other + letters[place + 1 :]
        for place, letter in enumerate(letters)
        for other in ALPHABET
        if other != letter
    ]
    swapped = [
        letters[:one]
        + letters[other]
        + letters[one + 1 : other]
        + letters[one]
        + letters[other + 1 :]
        for one, other in combinations(range(len(letters)), 2)
        if letters[one] != letters[other]
    ]

    named = [named_references(PREFIX + mistyped).bills for mistyped in (*wrong, *swapped)]

    assert len(wrong) == 310
    assert set(named) == {()}


def test_the_check_is_better_than_luhns_sum() -> None:
    """Modulo 32 that sum takes 0Z for Z0."""
    assert check_letter("0Z0000000") != check_letter("Z00000000")


@pytest.mark.parametrize(
    "memo",
    [
        BILL,
        "lp0123456789",
        "LP01 2345-6789",
        f"MBVCB.5678.{BILL}.CT tu 001100 NGUYEN VAN A",
        f"HELP{BILL}",
        f"LPTHANHTOAN {BILL}",
    ],
)
def test_a_reference_is_found_however_banks_wrap_it(memo: str) -> None:
    assert BILL in named_references(memo).bills


def test_what_the_bill_number_and_the_memo_both_name_is_named_once() -> None:
    assert named_references(BILL, f"{BILL} {BILL}").bills == (BILL,)


@pytest.mark.parametrize(
    "memo", ["", None, "Le phi ho so", "LP012345678", "LP01234I6789", "LP0123456788"]
)
def test_a_memo_without_a_reference_names_nothing(memo: str | None) -> None:
    assert named_references(memo).bills == ()


@pytest.mark.parametrize(
    ("memo", "plain_code"),
    [
        ("nop le phi H19.25-261123-0001", "H19252611230001"),
        ("H1925261123 0001", None),
        ("H19252611230001 le phi", "H19252611230001"),
        ("000.01.12.H19-261123-0001", "0000112H192611230001"),
        ("0000112H192611230001", "0000112H192611230001"),
        # The tail of a code that was cut off might name somebody else's dossier.
        ("1.12.H19-261123-0001", None),
    ],
)
def test_a_dossier_code_is_found_with_and_without_its_separators(
    memo: str, plain_code: str | None
) -> None:
    assert named_references(memo).dossiers == (() if plain_code is None else (plain_code,))


def test_a_memo_full_of_references_costs_no_more_than_a_few_look_ups() -> None:
    memo = " ".join(new_bill_reference(str(number)) for number in range(100))

    assert len(named_references(memo).bills) == CANDIDATES_MAX
