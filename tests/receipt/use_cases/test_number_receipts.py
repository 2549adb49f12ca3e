from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.clock import VIETNAM
from chassis.errors import Invalid
from chassis.sealing import BrokenSeal
from chassis.testing import FrozenClock
from services.receipt.domain.errors import AgencyNotKnownYet, NoReceiptRule
from services.receipt.domain.receipts.fee import Kind
from services.receipt.domain.receipts.receipt import Status
from services.receipt.domain.series.errors import NoOpenSeries
from services.receipt.domain.series.life import Closing
from tests.receipt.samples import BODY, NOON, OTHER_BODY, RULE, line
from tests.receipt.use_cases.conftest import House


async def test_phi_and_le_phi_get_a_receipt_each(house: House) -> None:
    receipts = await house.number(house.fee(line("le_phi", 100), line("phi", 30), line("phi", 20)))

    assert [(one.kind, one.amount.minor_units) for one in receipts] == [
        (Kind.PHI, 50),
        (Kind.LE_PHI, 100),
    ]
    assert [(one.number.number, one.part, one.parts) for one in receipts] == [(1, 1, 2), (2, 2, 2)]
    assert {one.status for one in receipts} == {Status.NUMBERED}
    assert len({one.lookup_code for one in receipts}) == 2


async def test_the_price_of_a_service_gets_no_receipt(house: House) -> None:
    receipts = await house.number(house.fee(line("gia_dich_vu", 500), line("phi", 30)))
    none = await house.number(house.fee(line("gia_dich_vu", 500), intent_id=uuid4()))

    assert [(one.kind, one.parts) for one in receipts] == [(Kind.PHI, 1)]
    assert none == []


async def test_a_payment_that_several_agencies_share_gets_receipts_by_agency_and_kind(
    house: House,
) -> None:
    async with house.uow as uow:
        await uow.collecting_bodies.save(OTHER_BODY, published_at=NOON)
    lines = (
        line("phi", 30, agency_code="H19.31"),
        line("phi", 50),
        line("le_phi", 7, agency_code="H19.31"),
        line("gia_dich_vu", 500),
        line("phi", 20, agency_code="H19.31"),
    )

    receipts = await house.number(house.fee(*lines))
    later = await house.number(house.fee(line("phi", 1, agency_code="H19.31"), intent_id=uuid4()))

    shown = [
        (one.collecting_body.name, one.kind, one.amount.minor_units, one.number.number, one.part)
        for one in receipts
    ]
    assert shown == [
        (BODY.name, Kind.PHI, 50, 1, 1),
        (OTHER_BODY.name, Kind.PHI, 50, 1, 2),
        (OTHER_BODY.name, Kind.LE_PHI, 7, 2, 3),
    ]
    assert {one.parts for one in receipts} == {3}
    assert [one.number.number for one in later] == [3]


async def test_an_agency_not_known_yet_costs_no_other_agency_a_number(house: House) -> None:
    with pytest.raises(AgencyNotKnownYet):
        await house.number(house.fee(line("phi", 1), line("phi", 1, agency_code="H19.99")))

    assert house.uow.kept.last == {}


async def test_a_kind_that_came_to_nothing_gets_no_receipt(house: House) -> None:
    receipts = await house.number(house.fee(line("phi", 30), line("le_phi", 0)))

    assert [one.kind for one in receipts] == [Kind.PHI]


async def test_an_event_told_twice_makes_one_receipt(house: House) -> None:
    event_id = uuid4()

    first = await house.number(house.fee(line()), event_id=event_id)
    again = await house.number(house.fee(line()), event_id=event_id)

    assert first == again
    assert [last for last, _ in house.uow.kept.last.values()] == [1]


async def test_a_payment_told_under_two_event_ids_makes_one_receipt(house: House) -> None:
    first = await house.number(house.fee(line()))
    again = await house.number(house.fee(line()))

    assert first == again


async def test_numbers_follow_one_another_across_payments(house: House) -> None:
    receipts = [
        one
        for _ in range(3)
        for one in await house.number(house.fee(line("phi"), line("le_phi"), intent_id=uuid4()))
    ]

    assert [one.number.number for one in receipts] == [1, 2, 3, 4, 5, 6]


async def test_money_that_comes_before_its_agency_is_tried_again_later(house: House) -> None:
    house.uow.kept.bodies.clear()

    with pytest.raises(AgencyNotKnownYet):
        await house.number(house.fee(line()))
    assert house.uow.kept.fees == {}
    assert house.uow.kept.claimed == set()

    async with house.uow as uow:
        await uow.collecting_bodies.save(BODY, published_at=house.clock.now())
    (receipt,) = await house.number(house.fee(line()))
    assert receipt.number.number == 1


async def test_an_agency_that_ended_cannot_collect(house: House) -> None:
    house.uow.kept.bodies.clear()
    async with house.uow as uow:
        ended = replace(BODY, valid_to=date(2026, 11, 22))
        await uow.collecting_bodies.save(ended, published_at=house.clock.now())

    with pytest.raises(AgencyNotKnownYet):
        await house.number(house.fee(line()))


async def test_without_a_form_in_force_nothing_is_numbered(house: House) -> None:
    house.uow.kept.rules.clear()

    with pytest.raises(NoReceiptRule):
        await house.number(house.fee(line()))


async def test_lines_that_do_not_add_up_are_refused(house: House) -> None:
    fee = house.fee(line("phi", 30))

    with pytest.raises(Invalid):
        await house.number(replace(fee, lines=[line("phi", 29)]))


async def test_a_broken_seal_costs_no_number(house: House) -> None:
    with pytest.raises(BrokenSeal):
        await house.number(replace(house.fee(line()), payer_sealed="other:{}"))

    assert house.uow.kept.last == {}


async def test_a_full_series_is_followed_by_the_next_letters_within_a_block(house: House) -> None:
    house.uow.kept.rules[:] = [replace(RULE, number_width=1)]
    for _ in range(8):
        await house.number(house.fee(line(), intent_id=uuid4()))

    made = await house.number(house.fee(line(), line("phi"), intent_id=uuid4()))

    assert [(one.number.series.symbol, one.number.printed) for one in made] == [
        ("AA-26E", "9"),
        ("AB-26E", "1"),
    ]
    closings = {o.series.symbol: o.closing for o in house.uow.kept.lives.values()}
    assert closings == {"AA-26E": Closing.FULL, "AB-26E": None}


async def test_where_somebody_has_to_plan_it_no_series_begins_by_itself(house: House) -> None:
    house.uow.must_be_planned = True

    with pytest.raises(NoOpenSeries):
        await house.number(house.fee(line()))
    assert house.uow.kept.last == {}


async def test_a_new_year_in_vietnam_begins_a_new_series(house: House) -> None:
    house.clock = FrozenClock(datetime(2026, 12, 31, 23, 59, 59, tzinfo=VIETNAM))
    (old,) = await house.number(house.fee(line(), intent_id=uuid4()))
    house.clock.advance(timedelta(seconds=1))
    (new,) = await house.number(house.fee(line(), intent_id=uuid4()))

    assert (old.number.series.symbol, old.number.number) == ("AA-26E", 1)
    assert (new.number.series.symbol, new.number.number) == ("AA-27E", 1)


async def test_the_rule_of_the_day_decides_form_and_width(house: House) -> None:
    before = replace(RULE, valid_from=date(2022, 7, 1), valid_to=date(2026, 6, 30), number_width=7)
    house.uow.kept.rules.append(before)
    house.clock = FrozenClock(datetime(2026, 6, 30, 12, tzinfo=VIETNAM))
    (old,) = await house.number(house.fee(line(), intent_id=uuid4()))
    house.clock.advance(timedelta(days=1))
    (new,) = await house.number(house.fee(line(), intent_id=uuid4()))

    assert (old.number.printed, new.number.printed) == ("0000001", "00000002")


async def test_dates_never_run_back_though_a_clock_does(house: House) -> None:
    (first,) = await house.number(house.fee(line(), intent_id=uuid4()))
    house.clock.advance(timedelta(seconds=-9))
    (second,) = await house.number(house.fee(line(), intent_id=uuid4()))

    assert second.numbered_at == first.numbered_at
