from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Refused
from chassis.money import Money
from services.dossier.domain.catalog import Channel, Exemption, FeeKind, PayerType, Tier, Unit
from services.dossier.domain.errors import (
    AmbiguousPrice,
    CaseRequired,
    QuantityMissing,
    QuantityOutOfRange,
    UnknownCase,
    UnknownFeeLine,
)
from services.dossier.domain.fee import Fee, compute_fee
from tests.dossier.samples import QUESTION, fee_line, schedule

# Certified copies: 2.000 a page, from the third page 1.000, at most 200.000.
COPIES = schedule(
    fee_line(
        "chung-thuc",
        0,
        kind=FeeKind.PHI,
        unit=Unit.PAGE,
        tiers=(
            Tier(up_to=2, unit_amount_minor_units=2_000),
            Tier(up_to=None, unit_amount_minor_units=1_000),
        ),
        cap_minor_units=200_000,
    )
)
RESIDENCE = schedule(
    fee_line("counter", 20_000, name="Lệ phí đăng ký thường trú"),
    fee_line("online", 10_000, name="Lệ phí đăng ký thường trú", channel="online"),
)


def pages(count: int) -> Fee:
    return compute_fee(COPIES, replace(QUESTION, quantities={"chung-thuc": count}))


@pytest.mark.parametrize(
    ("count", "amount"),
    [(1, 2_000), (2, 4_000), (3, 5_000), (198, 200_000), (199, 200_000), (10_000, 200_000)],
)
def test_tiers_price_each_page_by_its_place_up_to_the_cap(count: int, amount: int) -> None:
    assert pages(count).total == Money(amount)


@given(st.integers(1, 10_000))
def test_one_page_more_never_costs_less(count: int) -> None:
    assert pages(min(count + 1, 10_000)).total >= pages(count).total


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_a_quantity_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(QuantityOutOfRange):
        pages(count)


def test_a_quantity_that_is_not_given_is_asked_for() -> None:
    with pytest.raises(QuantityMissing) as refusal:
        compute_fee(COPIES, QUESTION)

    assert refusal.value.field == "quantities.chung-thuc"


def test_a_quantity_for_a_line_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(UnknownFeeLine):
        compute_fee(COPIES, replace(QUESTION, quantities={"chung-thuc": 1, "chung-thcu": 1}))


def test_a_fee_of_the_whole_dossier_is_charged_once() -> None:
    whole = schedule(fee_line("le-phi", 50_000))

    assert compute_fee(whole, QUESTION).total == Money(50_000)
    with pytest.raises(QuantityOutOfRange):
        compute_fee(whole, replace(QUESTION, quantities={"le-phi": 2}))


@pytest.mark.parametrize(
    ("channel", "amount"),
    [(Channel.ONLINE, 10_000), (Channel.COUNTER, 20_000), (Channel.POST, 20_000)],
)
def test_the_price_of_the_channel_goes_before_the_price_for_any(
    channel: Channel, amount: int
) -> None:
    fee = compute_fee(RESIDENCE, replace(QUESTION, channel=channel))

    assert [line.amount for line in fee.lines] == [Money(amount)]


def test_two_prices_that_fit_equally_well_are_not_guessed_between() -> None:
    twice = schedule(fee_line("a", 1_000, name="Lệ phí"), fee_line("b", 2_000, name="Lệ phí"))

    with pytest.raises(AmbiguousPrice):
        compute_fee(twice, QUESTION)


@pytest.mark.parametrize(
    ("payer_type", "amount"), [(PayerType.PERSON, 25_000), (PayerType.ORGANISATION, 100_000)]
)
def test_persons_and_organisations_pay_their_own_price(payer_type: PayerType, amount: int) -> None:
    land = schedule(
        fee_line("ca-nhan", 25_000, payer_type="person"),
        fee_line("to-chuc", 100_000, payer_type="organisation"),
    )

    assert compute_fee(land, replace(QUESTION, payer_type=payer_type)).total == Money(amount)


CASES = schedule(
    fee_line("cap-moi", 100_000, case_code="cap-moi"),
    fee_line("cap-doi", 50_000, case_code="cap-doi"),
    fee_line("chung", 5_000),
)


def test_the_lines_of_the_case_and_those_of_any_case_are_charged() -> None:
    fee = compute_fee(CASES, replace(QUESTION, case_code="cap-doi"))

    assert [line.line_code for line in fee.lines] == ["cap-doi", "chung"]
    assert fee.total == Money(55_000)


def test_where_cases_differ_one_must_be_chosen() -> None:
    with pytest.raises(CaseRequired, match="cap-doi, cap-moi"):
        compute_fee(CASES, QUESTION)


def test_an_unknown_case_is_refused_even_where_there_are_none() -> None:
    for table in (CASES, RESIDENCE):
        with pytest.raises(UnknownCase):
            compute_fee(table, replace(QUESTION, case_code="gia-han"))


def test_a_service_price_never_enters_the_fee() -> None:
    mixed = schedule(
        fee_line("gia", 570_000, kind=FeeKind.GIA_DICH_VU), fee_line("le-phi", 100_000)
    )

    assert [line.line_code for line in compute_fee(mixed, QUESTION).lines] == ["le-phi"]


def exempt(amount: int, *percents: int) -> Fee:
    groups = [Exemption(group_code=f"g{p}", name=f"Nhóm {p}", percent=p) for p in percents]
    table = schedule(fee_line("le-phi", amount, exemptions=tuple(groups)))
    held = frozenset(group.group_code for group in groups) | {"another-group"}
    return compute_fee(table, replace(QUESTION, exemption_groups=held))


@pytest.mark.parametrize(
    ("amount", "percents", "due"),
    [
        (100_000, (), 100_000),
        (100_000, (50,), 50_000),
        (100_000, (30, 50), 50_000),
        (100_000, (100,), 0),
        (15_001, (50,), 7_500),
    ],
)
def test_the_best_exemption_counts_and_a_broken_dong_is_forgiven(
    amount: int, percents: tuple[int, ...], due: int
) -> None:
    fee = exempt(amount, *percents)

    assert fee.total == Money(due)
    assert fee.lines[0].full_amount == Money(amount)


def test_a_line_made_free_is_shown_but_not_asked_for() -> None:
    fee = exempt(100_000, 100)

    assert (len(fee.lines), fee.payable_lines, fee.is_due) == (1, (), False)


def test_every_refusal_speaks_vietnamese_and_names_its_field() -> None:
    for refusal in (
        CaseRequired(["a"]),
        UnknownCase("a"),
        QuantityMissing("a", unit="page"),
        QuantityOutOfRange("a", most=1),
        UnknownFeeLine("a"),
    ):
        assert isinstance(refusal, Refused)
        assert refusal.message_vi
        assert refusal.field


@pytest.mark.parametrize("percent", [-1, 101])
def test_an_impossible_exemption_cannot_be_taken_over(percent: int) -> None:
    with pytest.raises(ValueError, match="percent"):
        Exemption(group_code="g", name="G", percent=percent)


def test_a_negative_price_cannot_be_taken_over() -> None:
    with pytest.raises(ValueError, match="negative"):
        Tier(up_to=None, unit_amount_minor_units=-1)
