from dataclasses import replace
from datetime import date

import pytest

from chassis.testing import FrozenClock
from services.catalog.domain.errors import (
    FeeAlreadyPublished,
    OverlappingPeriods,
    PeriodAlreadyOver,
    ProcedureNotFound,
    UnknownAgency,
)
from services.catalog.domain.events import (
    AgencyPublishedV1,
    FeeSchedulePublishedV1,
    PaymentMethodsPublishedV1,
    ProcedurePublishedV1,
)
from services.catalog.domain.payment_method import PaymentMethodNotice
from services.catalog.use_cases.load_catalogue import LoadSummary, Tally, load_catalogue
from tests.catalog.fakes import FakeUnitOfWork
from tests.catalog.samples import (
    CATALOGUE,
    FEES,
    LAND_OFFICE,
    SPLIT,
    VIETQR,
    fees,
    only_fees,
    priced,
)

CLOCK = FrozenClock()
TODAY = date(2026, 11, 23)
NEW_YEAR = date(2027, 1, 1)


async def loaded() -> FakeUnitOfWork:
    uow = FakeUnitOfWork()
    await load_catalogue(CATALOGUE, uow=uow, clock=CLOCK)
    uow.outbox.events.clear()
    return uow


async def test_a_first_load_announces_everything_once() -> None:
    uow = FakeUnitOfWork()

    summary = await load_catalogue(CATALOGUE, uow=uow, clock=CLOCK)

    assert summary == LoadSummary(
        agencies=Tally(new=1),
        procedures=Tally(new=1),
        fee_schedules=Tally(new=1),
        payment_methods=Tally(new=1),
    )
    assert uow.outbox.events == [
        AgencyPublishedV1.of(LAND_OFFICE),
        ProcedurePublishedV1.of(SPLIT),
        FeeSchedulePublishedV1.of(FEES),
        PaymentMethodsPublishedV1.of([VIETQR]),
    ]
    assert uow.locked == 1


async def test_the_same_content_again_announces_nothing() -> None:
    uow = await loaded()

    summary = await load_catalogue(CATALOGUE, uow=uow, clock=CLOCK)

    assert uow.outbox.events == []
    assert summary == LoadSummary(
        agencies=Tally(unchanged=1),
        procedures=Tally(unchanged=1),
        fee_schedules=Tally(unchanged=1),
        payment_methods=Tally(unchanged=1),
    )


async def test_only_what_changed_is_announced() -> None:
    uow = await loaded()
    renamed = replace(SPLIT, name="Tách thửa, hợp thửa đất")

    summary = await load_catalogue(replace(CATALOGUE, procedures=(renamed,)), uow=uow, clock=CLOCK)

    assert uow.outbox.events == [ProcedurePublishedV1.of(renamed)]
    assert summary.procedures == Tally(changed=1)
    assert summary.agencies == Tally(unchanged=1)


async def test_a_new_account_of_an_agency_is_announced() -> None:
    uow = await loaded()
    account = replace(LAND_OFFICE.collection_account, account_number="0011004000999")
    moved = replace(LAND_OFFICE, collection_account=account)

    await load_catalogue(replace(CATALOGUE, agencies=(moved,)), uow=uow, clock=CLOCK)

    assert uow.outbox.events == [AgencyPublishedV1.of(moved)]


async def test_a_changed_fee_without_a_new_period_is_refused() -> None:
    uow = await loaded()

    with pytest.raises(FeeAlreadyPublished):
        await load_catalogue(only_fees(fees(priced(90_000))), uow=uow, clock=CLOCK)

    assert uow.fee_schedules.by_id == {FEES.id: FEES}
    assert uow.outbox.events == []


async def test_a_changed_fee_in_a_new_period_ends_the_old_one_first() -> None:
    uow = await loaded()
    ended = fees(until=date(2026, 12, 31))
    raised = fees(priced(120_000), since=NEW_YEAR)

    summary = await load_catalogue(only_fees(raised, ended), uow=uow, clock=CLOCK)

    assert summary.fee_schedules == Tally(new=1, changed=1)
    assert uow.outbox.events == [
        FeeSchedulePublishedV1.of(ended),
        FeeSchedulePublishedV1.of(raised),
    ]
    assert await uow.fee_schedules.find_on(SPLIT.code, date(2026, 12, 31)) == ended
    assert await uow.fee_schedules.find_on(SPLIT.code, NEW_YEAR) == raised


async def test_a_new_period_beside_a_stored_open_one_is_refused() -> None:
    uow = await loaded()

    with pytest.raises(OverlappingPeriods):
        await load_catalogue(only_fees(fees(since=NEW_YEAR)), uow=uow, clock=CLOCK)

    assert uow.outbox.events == []


async def test_a_period_cannot_be_ended_behind_our_back() -> None:
    uow = await loaded()

    with pytest.raises(PeriodAlreadyOver):
        await load_catalogue(only_fees(fees(until=date(2026, 1, 1))), uow=uow, clock=CLOCK)


async def test_today_is_the_day_in_vietnam() -> None:
    uow = await loaded()
    early = FrozenClock(CLOCK.now().replace(hour=18))  # Past midnight in Vietnam.

    with pytest.raises(PeriodAlreadyOver):
        await load_catalogue(only_fees(fees(until=TODAY)), uow=uow, clock=early)


async def test_a_procedure_names_only_agencies_that_exist() -> None:
    uow = FakeUnitOfWork()

    with pytest.raises(UnknownAgency):
        await load_catalogue(replace(CATALOGUE, agencies=()), uow=uow, clock=CLOCK)


async def test_fees_of_an_unknown_procedure_are_refused() -> None:
    uow = FakeUnitOfWork()

    with pytest.raises(ProcedureNotFound):
        await load_catalogue(only_fees(FEES), uow=uow, clock=CLOCK)


async def test_what_a_later_file_does_not_name_stays() -> None:
    uow = await loaded()

    await load_catalogue(only_fees(FEES), uow=uow, clock=CLOCK)

    assert uow.agencies.by_code == {LAND_OFFICE.code: LAND_OFFICE}
    assert uow.payment_methods.all == [VIETQR]
    assert uow.outbox.events == []


async def test_payment_methods_are_announced_as_the_whole_set() -> None:
    uow = await loaded()
    card: PaymentMethodNotice = replace(VIETQR, code="card", name_en="Card")

    added = await load_catalogue(
        replace(CATALOGUE, payment_methods=(VIETQR, card)), uow=uow, clock=CLOCK
    )
    withdrawn = await load_catalogue(
        replace(CATALOGUE, payment_methods=(card,)), uow=uow, clock=CLOCK
    )

    assert added.payment_methods == Tally(new=1, unchanged=1)
    assert withdrawn.payment_methods == Tally(unchanged=1, withdrawn=1)
    assert uow.outbox.events == [
        PaymentMethodsPublishedV1.of([VIETQR, card]),
        PaymentMethodsPublishedV1.of([card]),
    ]
