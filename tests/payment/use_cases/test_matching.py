"""Memos as banks and people leave them: they find the right fee or none, never another."""

import random
from dataclasses import replace
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from services.payment.domain.intents.bill_reference import (
    ALPHABET,
    PREFIX,
    check_letter,
    named_references,
    new_bill_reference,
)
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from tests.payment.fakes import FakeIntents
from tests.payment.samples import an_intent

FEES: Final = [
    replace(an_intent(), bill_reference=new_bill_reference(str(number)), status=Status.CONFIRMED)
    for number in range(200)
]
KNOWN: Final = FakeIntents(*FEES)
# What banks put around a memo, and what people write into it.
BEFORE: Final = ("", "MBVCB.5678901234.", "CT DEN:0123LP", "IBFT ", "nop le phi ", "HELPLP", "LP ")
AFTER: Final = ("", ".CT tu 0011004000111 NGUYEN VAN A", " le phi", "-141126-08:15:33 123456", "LP")
CUTS: Final = (25, 35, 50, 210)
MEMOS_EACH: Final = 40


def mangled(memo: str, chance: random.Random) -> str:
    """One or two of the things that happen on the way."""
    for _ in range(chance.randint(0, 2)):
        place = chance.randrange(len(memo))
        memo = chance.choice(
            (
                memo.lower(),
                memo[:place] + chance.choice(" .-_/") + memo[place:],
                memo[:place] + chance.choice(ALPHABET) + memo[place + 1 :],
                memo[:place] + memo[place + 1 : place + 2] + memo[place] + memo[place + 2 :],
                memo[:place] + memo[place + 1 :] or memo,
                memo[: chance.randint(1, len(memo))],
            )
        )
    return memo


def as_told(fee: PaymentIntent, chance: random.Random) -> str:
    assert fee.bill_reference is not None
    memo = chance.choice(BEFORE) + mangled(fee.bill_reference, chance) + chance.choice(AFTER)
    return memo[: chance.choice(CUTS)]


@settings(max_examples=250, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(FEES))
async def test_ten_thousand_mangled_memos_find_the_right_fee_or_none(
    chance: random.Random, fee: PaymentIntent
) -> None:
    for _ in range(MEMOS_EACH):
        memo = as_told(fee, chance)

        found = await KNOWN.find_named(named_references(memo))

        assert found in (None, fee), memo


def test_among_fees_that_differ_by_a_letter_one_mistyped_letter_finds_no_other() -> None:
    """Were there no check letter, most of these would pay a neighbour's fee."""
    bodies = [f"00000{a}{b}{c}{d}" for a in "05Z" for b in "05Z" for c in "05Z" for d in "05Z"]
    known = {f"{PREFIX}{body}{check_letter(body)}" for body in bodies}
    told = 0
    for reference in known:
        letters = reference.removeprefix(PREFIX)
        for place, letter in enumerate(letters):
            for other in ALPHABET.replace(letter, ""):
                mistyped = f"{PREFIX}{letters[:place]}{other}{letters[place + 1 :]}"
                told += 1
                assert not known & set(named_references(f"MBVCB.1.{mistyped}.CT tu 0").bills)
    assert told == 81 * 310


@given(st.sampled_from(FEES), st.sampled_from(BEFORE), st.sampled_from(AFTER))
async def test_what_banks_add_around_it_hides_no_reference(
    fee: PaymentIntent, before: str, after: str
) -> None:
    found = await KNOWN.find_named(named_references(f"{before}{fee.bill_reference}{after}"))

    assert found == fee


@given(st.sampled_from(FEES), st.sampled_from((".", "-", "", " ")))
async def test_a_dossiers_code_in_the_memo_is_the_next_best(
    fee: PaymentIntent, separator: str
) -> None:
    code = fee.dossier_code
    memo = f"nop le phi {code}" if separator == "" else f"{code}{separator}le phi"

    assert await KNOWN.find_named(named_references(memo)) == fee


async def test_two_fees_in_one_memo_are_not_chosen_between() -> None:
    one, other, *_ = FEES
    memo = f"{one.bill_reference} {other.bill_reference}"

    assert await KNOWN.find_named(named_references(memo)) is None
