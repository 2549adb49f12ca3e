from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chassis.errors import Invalid
from services.catalog.domain.errors import (
    AmbiguousFee,
    BadAmount,
    BadCode,
    BadExemption,
    Empty,
    FeeAlreadyPublished,
    LastTierClosed,
    OverlappingPeriods,
    PeriodAlreadyOver,
    RepeatedEntry,
    TieredDossierFee,
    TiersNotAscending,
)
from services.catalog.domain.fee_line import (
    AMOUNT_MAX,
    Channel,
    Exemption,
    FeeKind,
    FeeLine,
    PayerType,
    Tier,
    Unit,
)
from services.catalog.domain.fee_schedule import FeeSchedule, refuse_overlaps
from services.catalog.domain.period import Period
from tests.catalog.samples import FEES, LINE, SINCE, fees, priced

TODAY = date(2026, 11, 23)
COPIES = (
    Tier(up_to=2, unit_amount_minor_units=2_000),
    Tier(up_to=None, unit_amount_minor_units=1_000),
)
VETERANS = Exemption(group_code="veteran", name="Thương binh", percent=100)


def paged(*tiers: Tier, **changes: Any) -> FeeLine:
    return replace(LINE, unit=Unit.PAGE, tiers=tiers, **changes)


def tier(up_to: int | None, amount: int = 1_000) -> Tier:
    return Tier(up_to=up_to, unit_amount_minor_units=amount)


def test_tiers_with_a_cap_are_a_price_per_page() -> None:
    line = paged(*COPIES, cap_minor_units=200_000)

    assert fees(line).lines == (line,)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (paged(), Empty),
        (paged(tier(2)), LastTierClosed),
        (paged(tier(2), tier(5)), LastTierClosed),
        (paged(tier(5), tier(2), tier(None)), TiersNotAscending),
        (paged(tier(2), tier(2), tier(None)), TiersNotAscending),
        (paged(tier(0), tier(None)), TiersNotAscending),
        (paged(tier(-1), tier(None)), TiersNotAscending),
        (paged(tier(None), tier(None)), TiersNotAscending),
        (paged(tier(None), tier(2)), LastTierClosed),
        (paged(tier(None, -1)), BadAmount),
        (paged(tier(None, AMOUNT_MAX + 1)), BadAmount),
        (paged(*COPIES, cap_minor_units=0), BadAmount),
        (paged(*COPIES, cap_minor_units=-1), BadAmount),
        (replace(LINE, tiers=COPIES), TieredDossierFee),
        (replace(LINE, cap_minor_units=50_000), TieredDossierFee),
        (replace(LINE, legal_basis=""), Empty),
        (replace(LINE, legal_basis="  "), Empty),
        (replace(LINE, name=""), Empty),
        (replace(LINE, line_code=""), Empty),
        (replace(LINE, case_code=""), Empty),
        (replace(LINE, exemptions=(replace(VETERANS, percent=0),)), BadExemption),
        (replace(LINE, exemptions=(replace(VETERANS, percent=101),)), BadExemption),
        (replace(LINE, exemptions=(VETERANS, VETERANS)), RepeatedEntry),
        (replace(LINE, exemptions=(replace(VETERANS, name=""),)), Empty),
    ],
)
def test_a_line_that_cannot_be_charged_rightly_is_refused(
    line: FeeLine, reason: type[Invalid]
) -> None:
    with pytest.raises(reason) as refused:
        fees(line)

    assert "1.012784" in refused.value.message
    assert refused.value.message_vi


def test_a_free_procedure_says_so_with_a_line_of_zero() -> None:
    assert fees(priced(0)).lines[0].tiers == (tier(None, 0),)
    with pytest.raises(Empty):
        replace(FEES, lines=())


def test_a_line_code_is_used_once() -> None:
    with pytest.raises(RepeatedEntry):
        fees(LINE, replace(LINE, name="Khoản khác"))


def test_a_schedule_belongs_to_a_well_formed_procedure() -> None:
    with pytest.raises(BadCode):
        replace(FEES, procedure_code="1.1.012756")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"channel": Channel.ANY}, {"channel": Channel.ONLINE}),
        ({"payer_type": PayerType.PERSON}, {"channel": Channel.ONLINE}),
        ({"case_code": "new"}, {"case_code": "any"}),
    ],
)
def test_one_fee_is_never_charged_twice_to_the_same_payer(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    with pytest.raises(AmbiguousFee):
        fees(replace(LINE, line_code="first", **first), replace(LINE, line_code="second", **second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"channel": Channel.COUNTER}, {"channel": Channel.ONLINE}),
        ({"payer_type": PayerType.PERSON}, {"payer_type": PayerType.ORGANISATION}),
        ({"case_code": "new"}, {"case_code": "change"}),
        ({"kind": FeeKind.PHI}, {"kind": FeeKind.LE_PHI}),
        ({"name": "Phí lý thuyết"}, {"name": "Phí thực hành"}),
    ],
)
def test_prices_for_different_payers_and_different_fees_stand_side_by_side(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    schedule = fees(
        replace(LINE, line_code="first", **first), replace(LINE, line_code="second", **second)
    )

    assert len(schedule.lines) == 2


def test_an_illustrative_price_is_explained() -> None:
    line = replace(LINE, illustrative=True)

    with pytest.raises(Empty):
        fees(line)
    with pytest.raises(Empty):
        replace(FEES, lines=(line,), explanation_vi="Minh họa.")
    assert replace(
        FEES, lines=(line,), explanation_vi="Minh họa.", explanation_en="Illustrative."
    ).lines == (line,)


def test_periods_of_one_procedure_never_overlap() -> None:
    closed = fees(until=date(2025, 12, 31))

    refuse_overlaps([fees(since=date(2026, 1, 1)), closed])
    with pytest.raises(OverlappingPeriods) as refused:
        refuse_overlaps([fees(since=date(2025, 12, 31)), closed])
    assert "1.012784" in refused.value.message
    with pytest.raises(OverlappingPeriods):
        refuse_overlaps([fees(), fees(priced(1))])


def test_a_long_period_is_seen_to_overlap_past_a_short_one() -> None:
    short = fees(since=date(2025, 8, 1), until=date(2025, 8, 31))

    with pytest.raises(OverlappingPeriods):
        refuse_overlaps([fees(), short, fees(since=date(2026, 1, 1))])


def test_periods_of_different_procedures_may_overlap() -> None:
    refuse_overlaps([FEES, replace(FEES, procedure_code="1.012766")])


def test_a_schedule_has_the_same_id_wherever_it_is_loaded() -> None:
    assert FEES.id == fees(priced(1), until=date(2030, 1, 1)).id
    assert FEES.id != fees(since=date(2026, 1, 1)).id
    assert FEES.id != replace(FEES, procedure_code="1.012766").id
    assert str(FEES.id) == "02d40073-7adf-5a54-9238-a70151cf2a9e"


@pytest.mark.parametrize(
    "changed",
    [
        priced(90_000),
        replace(LINE, name="Tên khác"),
        replace(LINE, legal_basis="Nghị quyết khác"),
        replace(LINE, exemptions=(VETERANS,)),
    ],
)
def test_a_published_price_is_never_edited(changed: FeeLine) -> None:
    with pytest.raises(FeeAlreadyPublished):
        FEES.revised_as(fees(changed), today=TODAY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, TODAY),
        (None, date(2026, 12, 31)),
        (date(2026, 12, 31), None),
        (TODAY, date(2026, 12, 31)),
    ],
)
def test_the_end_of_a_period_may_be_set_or_moved_while_it_is_ahead(
    old: date | None, new: date | None
) -> None:
    revised = fees(until=old).revised_as(fees(until=new), today=TODAY)

    assert revised.period == Period(SINCE, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, date(2026, 11, 22)),
        (date(2026, 11, 22), None),
        (date(2026, 11, 22), date(2026, 12, 31)),
        (date(2026, 12, 31), date(2026, 11, 22)),
    ],
)
def test_what_held_in_the_past_cannot_be_rewritten(old: date | None, new: date | None) -> None:
    with pytest.raises(PeriodAlreadyOver):
        fees(until=old).revised_as(fees(until=new), today=TODAY)


def test_words_of_explanation_may_be_improved_at_any_time() -> None:
    past = fees(until=date(2026, 1, 1))
    wanted: FeeSchedule = replace(past, explanation_vi="Rõ hơn.", explanation_en="Clearer.")

    assert past.revised_as(wanted, today=TODAY) == wanted
