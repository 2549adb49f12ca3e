from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.db import Database
from chassis.money import Money
from services.receipt.domain.receipts.receipt import Document, Form, Receipt
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.receipts.tables import RECEIPT, RECEIPT_DOCUMENT
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from tests.receipt.drawing import draw
from tests.receipt.samples import BODY, INTENT_ID, NOON, RECEIPT_ID, line, paid_fee, receipt

NewUow = Callable[[], SqlUnitOfWork]
DOCUMENT = Document(receipt_id=RECEIPT_ID, form=Form.XML, body=b"<BLai/>", sha256="0" * 64)


async def add(new_uow: NewUow, *receipts: Receipt) -> None:
    async with new_uow() as uow:
        await uow.fees.add_new([receipts[0].fee])
        await draw(uow, receipts[0].number.series, count=len(receipts), now=NOON)
        await uow.receipts.add(receipts)


async def test_a_receipt_comes_back_as_it_was_stored(new_uow: NewUow, database: Database) -> None:
    stored = receipt()
    await add(new_uow, stored)
    archive = SqlArchive(database)

    assert await archive.find(RECEIPT_ID) == stored
    assert await archive.find_by_lookup_code(stored.lookup_code) == stored
    assert await archive.list_of_payment(INTENT_ID) == [stored]
    assert await archive.find(uuid4()) is None
    assert await archive.find_by_lookup_code("no such code") is None
    assert await archive.list_of_payment(uuid4()) == []


async def test_a_receipt_keeps_the_agency_it_was_made_with(
    new_uow: NewUow, database: Database
) -> None:
    await add(new_uow, receipt())
    async with new_uow() as uow:
        renamed = replace(BODY, name="Chi nhánh khác")
        await uow.collecting_bodies.save(renamed, published_at=NOON + timedelta(hours=1))

    found = await SqlArchive(database).find(RECEIPT_ID)

    assert found is not None
    assert found.collecting_body == BODY


async def test_what_is_issued_is_not_issued_again(new_uow: NewUow) -> None:
    await add(new_uow, receipt())
    issued = receipt(issued=True)

    for one in (issued, replace(issued, xml_sha256="1" * 64)):
        async with new_uow() as uow:
            await uow.receipts.save_issued([one])
    async with new_uow() as uow:
        (kept,) = await uow.receipts.list_of_payment(INTENT_ID)

    assert kept == issued


async def test_a_document_is_stored_once_and_never_changes(
    new_uow: NewUow, database: Database
) -> None:
    await add(new_uow, receipt())
    async with new_uow() as uow:
        assert await uow.documents.add_new([DOCUMENT]) == {RECEIPT_ID}
        assert await uow.documents.add_new([replace(DOCUMENT, body=b"<Other/>")]) == set()

    for change in (update(RECEIPT_DOCUMENT).values(body=b""), delete(RECEIPT_DOCUMENT)):
        with pytest.raises(DBAPIError, match="an issued document never changes"):
            async with database.begin() as connection:
                await connection.execute(change)

    assert await SqlArchive(database).find_document(RECEIPT_ID, Form.XML) == DOCUMENT
    assert await SqlArchive(database).find_document(RECEIPT_ID, Form.PDF) is None


@pytest.mark.parametrize(
    "second",
    [
        {"id": uuid4(), "lookup_code": "a" * 22},
        {"id": uuid4(), "lookup_code": "a" * 22, "kind": "phi"},
        {"id": uuid4(), "lookup_code": "a" * 22, "number": 18},
    ],
    ids=["all the same", "same number", "same payment and kind"],
)
async def test_the_database_itself_refuses_a_second_one(
    new_uow: NewUow, database: Database, second: dict[str, object]
) -> None:
    await add(new_uow, receipt())

    with pytest.raises(IntegrityError):
        async with database.begin() as connection:
            row = (await connection.execute(RECEIPT.select())).mappings().one()
            await connection.execute(RECEIPT.insert(), {**row, **second})


async def test_a_series_with_unsigned_receipts_is_lent_to_one_at_a_time(new_uow: NewUow) -> None:
    await add(new_uow, receipt())
    until = NOON + timedelta(minutes=1)

    async def lease(seconds: int) -> ReceiptSeries | None:
        async with new_uow() as uow:
            now = NOON + timedelta(seconds=seconds)
            return await uow.series.lease_unsigned(now=now, until=until)

    assert await lease(0) is None
    assert await lease(5) == receipt().number.series
    assert await lease(30) is None
    assert await lease(60) == receipt().number.series


async def test_who_draws_learns_that_older_receipts_wait_to_be_signed(new_uow: NewUow) -> None:
    series = receipt().number.series

    async def waits() -> bool:
        async with new_uow() as uow:
            return (await draw(uow, series)).signing_waits

    seen = [await waits()]
    async with new_uow() as uow:
        await uow.series.let_signing_wait([series])
    seen.append(await waits())
    async with new_uow() as uow:
        assert await uow.series.lease_unsigned(now=NOON, until=NOON) == series
        await uow.series.end_waiting(series)
    seen.append(await waits())

    assert seen == [False, True, False]


async def test_a_page_is_due_from_the_issue_until_it_is_stored(new_uow: NewUow) -> None:
    await add(new_uow, receipt())
    later = NOON + timedelta(hours=1)

    async def claim() -> int:
        async with new_uow() as uow:
            return len(await uow.receipts.claim_unrendered(now=later, until=later, limit=4))

    assert await claim() == 0
    async with new_uow() as uow:
        await uow.receipts.save_issued([receipt(issued=True)])
    assert await claim() == 1
    async with new_uow() as uow:
        await uow.receipts.save_rendered(RECEIPT_ID)
    assert await claim() == 0


async def test_older_news_of_an_agency_changes_nothing(new_uow: NewUow) -> None:
    newer = replace(BODY, name="Tên mới", valid_to=date(2026, 12, 31))
    async with new_uow() as uow:
        await uow.collecting_bodies.save(newer, published_at=NOON + timedelta(minutes=1))
        await uow.collecting_bodies.save(BODY, published_at=NOON)
        found = await uow.collecting_bodies.find("H19.25", on=date(2026, 12, 31))
        after = await uow.collecting_bodies.find("H19.25", on=date(2027, 1, 1))
        stranger = await uow.collecting_bodies.find("H29", on=date(2026, 12, 31))

    assert found == newer
    assert after is None
    assert stranger is None


async def test_of_two_spans_the_one_that_began_last_counts(new_uow: NewUow) -> None:
    merged = replace(BODY, name="Sau sáp nhập", valid_from=date(2026, 11, 1))
    async with new_uow() as uow:
        await uow.collecting_bodies.save(merged, published_at=NOON)
        october = await uow.collecting_bodies.find("H19.25", on=date(2026, 10, 31))
        november = await uow.collecting_bodies.find("H19.25", on=date(2026, 11, 1))

    assert (october, november) == (BODY, merged)


async def test_a_large_amount_survives(new_uow: NewUow, database: Database) -> None:
    big = receipt(line("le_phi", 10**15))
    await add(new_uow, big)

    found = await SqlArchive(database).find(RECEIPT_ID)

    assert found is not None
    assert found.amount == found.fee.amount == Money(10**15)
    assert found.fee == paid_fee(line("le_phi", 10**15))
