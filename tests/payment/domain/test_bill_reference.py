import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payment.domain.intents.bill_reference import (
    CANDIDATES_MAX,
    named_references,
    new_bill_reference,
)

BILL = "LP0123456789"


@given(st.text(min_size=1, max_size=40))
def test_a_reference_is_short_plain_and_free_of_letters_that_look_alike(token: str) -> None:
    reference = new_bill_reference(token)

    assert re.fullmatch("LP[0-9A-HJKMNP-TV-Z]{10}", reference)
    assert named_references(f"MBVCB.1234.{reference}.CT tu 0011").bills == (reference,)


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


@pytest.mark.parametrize("memo", ["", None, "Le phi ho so", "LP012345678", "LP01234I6789"])
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
    memo = " ".join(f"LP{number:010d}" for number in range(100))

    assert len(named_references(memo).bills) <= CANDIDATES_MAX
