import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from chassis.db import Database
from chassis.duties import Reach
from chassis.ids import SystemIds
from services.dossier.domain.dossier import Reason
from services.dossier.domain.errors import DossierNotFound, OvertakenMeanwhile
from services.dossier.domain.fee_request import PaymentStatus
from services.dossier.domain.receipt import Standing
from services.dossier.domain.slip import write_slip
from services.dossier.domain.state import State
from services.dossier.ports import DossierFilter
from services.dossier.storage.unit_of_work import SqlReading
from services.dossier.use_cases.record_payment_succeeded import record_payment_succeeded
from services.dossier.use_cases.record_receipt_issued import record_receipt_issued
from tests.dossier.samples import (
    AGENCY,
    APPLICANT,
    CODE,
    DOSSIER,
    FEE_REQUEST,
    MORNING,
    PROCEDURE,
    SCHEDULE,
    fee_line,
    receipt,
    schedule,
)
from tests.dossier.storage.submitting import (
    CLOCK,
    filing,
    publish_catalog,
    submit,
    unit_of_work,
)

DAY = date(2026, 11, 23)


async def test_a_dossier_comes_back_as_it_went_in(database: Database) -> None:
    async with unit_of_work(database) as uow:
        await uow.dossiers.add(DOSSIER, APPLICANT)
        await uow.fee_requests.add(FEE_REQUEST)

    async with SqlReading(database) as reading:
        assert await reading.dossiers.get(DOSSIER.id) == DOSSIER
        assert await reading.dossiers.applicant_of(DOSSIER.id) == APPLICANT
        assert await reading.fee_requests.find_of(DOSSIER.id) == FEE_REQUEST
        assert await reading.fee_requests.find_of(UUID(int=77)) is None
        with pytest.raises(DossierNotFound):
            await reading.dossiers.get(UUID(int=77))


async def test_what_payment_tells_is_kept_and_what_was_asked_stays(database: Database) -> None:
    heard = FEE_REQUEST.opened_with(CODE).paid(at=MORNING)

    async with unit_of_work(database) as uow:
        await uow.dossiers.add(DOSSIER, APPLICANT)
        await uow.fee_requests.add(FEE_REQUEST)
        await uow.fee_requests.save(heard)

    async with SqlReading(database) as reading:
        assert await reading.fee_requests.get(FEE_REQUEST.id) == heard


async def test_a_move_is_kept_with_its_step_and_the_second_mover_is_refused(
    database: Database,
) -> None:
    moved, step = DOSSIER.move_to(State.PAYMENT_REQUIRED, Reason.FEE_DUE, at=MORNING)
    async with unit_of_work(database) as uow:
        await uow.dossiers.add(DOSSIER, APPLICANT)
        await uow.dossiers.save(moved, [step])

    with pytest.raises(OvertakenMeanwhile):
        async with unit_of_work(database) as uow:
            await uow.dossiers.save(moved, [step])

    async with SqlReading(database) as reading:
        assert await reading.dossiers.get(DOSSIER.id) == moved
        assert await reading.dossiers.steps_of(DOSSIER.id) == (step,)


async def test_a_receipt_is_kept_once(database: Database) -> None:
    async with unit_of_work(database) as uow:
        await uow.dossiers.add(DOSSIER, APPLICANT)
        await uow.fee_requests.add(FEE_REQUEST)
        for one in (receipt(2), receipt(1), receipt(2)):
            await uow.receipts.add_once(one)

    async with SqlReading(database) as reading:
        assert await reading.receipts.list_of(FEE_REQUEST.id) == (receipt(1), receipt(2))


async def test_the_last_word_about_a_receipt_holds_whichever_was_heard_first(
    database: Database,
) -> None:
    told = (Standing.REPLACED, Standing.ADJUSTED, Standing.REPLACED)
    async with unit_of_work(database) as uow:
        await uow.dossiers.add(DOSSIER, APPLICANT)
        await uow.fee_requests.add(FEE_REQUEST)
        for standing in told:
            await uow.receipts.keep_standing(receipt(1).receipt_id, standing)
        for one in (receipt(1), receipt(2)):
            await uow.receipts.add_once(one)

    async with SqlReading(database) as reading:
        listed = await reading.receipts.list_of(FEE_REQUEST.id)
    assert [one.standing for one in listed] == [Standing.REPLACED, Standing.VALID]


async def test_the_first_slip_that_was_stored_stays(database: Database) -> None:
    slip = write_slip(
        DOSSIER, APPLICANT, FEE_REQUEST.opened_with(CODE), now=MORNING, lookup_url="x"
    )
    async with unit_of_work(database) as uow:
        await uow.dossiers.add(DOSSIER, APPLICANT)
        first = await uow.slips.add_once(DOSSIER.id, slip, pdf=b"first", at=MORNING)
        second = await uow.slips.add_once(DOSSIER.id, slip, pdf=b"second", at=MORNING)

    async with SqlReading(database) as reading:
        found = await reading.slips.find(DOSSIER.id, slip.content_sha256)
        assert (first, second, found) == (b"first", b"first", b"first")
        assert await reading.slips.find(DOSSIER.id, "0" * 64) is None


async def test_copies_of_the_catalog_hold_between_their_days(database: Database) -> None:
    old = replace(AGENCY, name="Tên cũ", valid_from=date(2020, 1, 1), valid_to=date(2025, 6, 30))
    await publish_catalog(database)
    async with unit_of_work(database) as uow:
        await uow.catalog.keep_agency(old, published_at=MORNING)

    async with SqlReading(database) as reading:
        catalog = reading.catalog
        assert await catalog.find_agency("H19.25", on=DAY) == AGENCY
        assert await catalog.find_agency("H19.25", on=date(2025, 7, 1)) == AGENCY
        assert await catalog.find_agency("H19.25", on=date(2025, 6, 30)) == old
        assert await catalog.find_agency("H19.25", on=date(2019, 12, 31)) is None
        assert await catalog.find_procedure("1.012784", on=DAY) == PROCEDURE
        assert await catalog.find_schedule("1.012784", on=DAY) == SCHEDULE
        assert await catalog.find_schedule("1.012784", on=date(2025, 6, 30)) is None


async def test_the_younger_schedule_goes_before_the_older_where_both_claim_a_day(
    database: Database,
) -> None:
    younger = schedule(fee_line("le-phi", 1), valid_from=date(2026, 1, 1))
    await publish_catalog(database)
    async with unit_of_work(database) as uow:
        await uow.catalog.keep_schedule(younger, published_at=MORNING)

    async with SqlReading(database) as reading:
        assert await reading.catalog.find_schedule("1.012784", on=DAY) == younger
        assert await reading.catalog.find_schedule("1.012784", on=date(2025, 12, 31)) == SCHEDULE


async def test_news_of_the_catalog_that_comes_late_changes_nothing(database: Database) -> None:
    hour = timedelta(hours=1)
    async with unit_of_work(database) as uow:
        await uow.catalog.keep_agency(replace(AGENCY, name="Mới"), published_at=MORNING)
        await uow.catalog.keep_agency(replace(AGENCY, name="Cũ"), published_at=MORNING - hour)
        await uow.catalog.keep_schedule(SCHEDULE, published_at=MORNING - hour)
        await uow.catalog.keep_schedule(
            replace(SCHEDULE, valid_to=date(2030, 1, 1)), published_at=MORNING
        )

    async with SqlReading(database) as reading:
        agency = await reading.catalog.find_agency("H19.25", on=DAY)
        kept = await reading.catalog.find_schedule("1.012784", on=DAY)
    assert agency is not None
    assert agency.name == "Mới"
    assert kept is not None
    assert kept.valid_to == date(2030, 1, 1)


async def test_a_page_is_the_clients_newest_and_goes_on_behind_the_last(
    database: Database,
) -> None:
    await publish_catalog(database)
    for number in range(5):
        await submit(database, filing(number))
    await submit(database, replace(filing(9), client_id="portal-other"))

    async with SqlReading(database) as reading:
        wanted = DossierFilter(reach=Reach.of_client("portal-demo"))
        whole = await reading.dossiers.list_newest(wanted, limit=10)
        rest = await reading.dossiers.list_newest(
            replace(wanted, before=whole[1].id, state=State.PAYMENT_REQUIRED), limit=2
        )
        by_code = await reading.dossiers.list_newest(replace(wanted, code=whole[3].code), limit=5)

    assert [one.id for one in whole] == sorted((one.id for one in whole), reverse=True)
    assert len(whole) == 5
    assert list(rest) == list(whole[2:4])
    assert [one.id for one in by_code] == [whole[3].id]


async def test_payment_and_receipts_heard_at_the_same_moment_move_the_dossier_once(
    database: Database,
) -> None:
    await publish_catalog(database)
    submitted = await submit(database)
    request_id = submitted.fee_request_id
    assert request_id is not None
    ids = SystemIds(CLOCK)
    parts = (receipt(1, fee_request_id=request_id), receipt(2, fee_request_id=request_id))

    await asyncio.gather(
        *(
            record_receipt_issued(
                part, caused_by=ids.new(), uow=unit_of_work(database), clock=CLOCK
            )
            for part in parts * 2
        ),
        *(
            record_payment_succeeded(
                request_id,
                paid_at=MORNING,
                caused_by=ids.new(),
                uow=unit_of_work(database),
                clock=CLOCK,
            )
            for _ in range(3)
        ),
    )

    async with SqlReading(database) as reading:
        dossier = await reading.dossiers.get(submitted.dossier.id)
        steps = await reading.dossiers.steps_of(dossier.id)
        request = await reading.fee_requests.get(request_id)
    assert dossier.state is State.IN_PROGRESS
    assert [(step.from_state, step.to_state) for step in steps] == [(1, 6), (6, 2), (2, 4)]
    assert request.status is PaymentStatus.SUCCEEDED
