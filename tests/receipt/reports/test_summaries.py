"""The summary of a day is drawn up again when the day changed, and no version is lost."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from chassis.money import Money
from services.receipt.domain.receipts.fee import Kind
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.receipts.refund_note import RefundNote
from services.receipt.domain.reports.summary import Summary, SummaryState
from services.receipt.use_cases.reports.draw_up_summary import draw_up_summaries, draw_up_summary
from services.receipt.use_cases.reports.read_reports import documents_of
from tests.receipt.reports.conftest import Office

DAY = date(2026, 11, 23)


async def draw_up(office: Office) -> Summary:
    return await draw_up_summary(
        "H19.25",
        DAY,
        by="accountant",
        open_reporting=office.tools.open_reporting,
        clock=office.clock,
    )


async def give_back(office: Office, receipt: Receipt) -> None:
    note = RefundNote(
        refund_id=uuid4(),
        payment_intent_id=receipt.fee.payment_intent_id,
        kind=Kind.LE_PHI,
        amount=Money(1),
        refunded_at=office.clock.now(),
    )
    async with office.new_uow() as uow:
        await uow.refund_notes.add_once(note)


async def test_a_day_is_open_then_drawn_up_then_supplemented(office: Office) -> None:
    (first,) = await office.issue(100_000)
    seen = [await draw_up(office)]
    await office.issue(50_000)
    seen.append(await draw_up(office))
    office.next_day()
    seen += [await draw_up(office), await draw_up(office)]
    await give_back(office, first)
    seen.append(await draw_up(office))

    assert [(one.version, one.state, one.documents, one.amount) for one in seen] == [
        (1, SummaryState.OPEN, 1, 100_000),
        (2, SummaryState.OPEN, 2, 150_000),
        (3, SummaryState.DRAWN_UP, 2, 150_000),
        (3, SummaryState.DRAWN_UP, 2, 150_000),
        (4, SummaryState.SUPPLEMENTED, 2, 150_000),
    ]
    standings = [one["standing"] for one in documents_of(seen[-1])]
    assert standings == ["partly_refunded", "valid"]
    async with office.tools.open_reporting() as reporting:
        kept = await reporting.summaries.list_versions("H19.25", DAY)
    assert [one.version for one in kept] == [1, 2, 3, 4]


async def test_the_schedule_draws_up_each_day_that_is_over_once(office: Office) -> None:
    for _ in range(2):
        await office.issue(100_000)
        office.next_day()
    await office.issue(100_000)

    for _ in range(2):
        drawn = await draw_up_summaries(
            open_reporting=office.tools.open_reporting, clock=office.clock
        )
        assert [(one.day, one.version) for one in drawn] == [
            (DAY, 1),
            (DAY + timedelta(days=1), 1),
        ]


async def test_many_that_draw_up_one_day_get_one_version(office: Office) -> None:
    await office.issue(100_000)
    office.next_day()

    drawn = await asyncio.gather(*(draw_up(office) for _ in range(6)))

    assert {one.version for one in drawn} == {1}
    assert len({one.sha256 for one in drawn}) == 1


async def test_a_version_is_never_changed(office: Office) -> None:
    await office.issue(100_000)
    await draw_up(office)
    for change in (
        "UPDATE receipt_summary SET amount_minor_units = 1",
        "DELETE FROM receipt_summary",
    ):
        with pytest.raises(DBAPIError, match="never changes"):
            await office.spoil(change)
