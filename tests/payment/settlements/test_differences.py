"""What a person closed stays closed while its facts do; what a later file explains is closed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from chassis.errors import Conflict
from services.payment.domain.settlements.difference import ALLOWED, HANDLING, DifferenceKind
from services.payment.storage.intents.tables import PAYMENT_INTENT
from services.payment.storage.unit_of_work import SqlReading
from tests.payment.samples import notice_facts
from tests.payment.settlements.desk import DAY, Desk, row_of


async def steps(desk: Desk) -> list[str]:
    (case,) = await desk.differences()
    async with SqlReading(desk.world.database) as reading:
        found = await reading.settlement_differences.list_steps(case.id, limit=9)
    return [one.step for one in found]


def test_every_kind_has_somebody_whose_desk_it_lands_on() -> None:
    assert set(HANDLING) == set(DifferenceKind)
    assert len(DifferenceKind) == 7
    assert all(state in ALLOWED for states in ALLOWED.values() for state in states)


async def test_each_side_of_a_difference_has_its_facts(desk: Desk) -> None:
    (reference,) = await desk.have_paid(1)
    await desk.load_rows([row_of(reference, amount=149_000)])
    await desk.reconcile()

    (case,) = await desk.differences()

    assert (case.kind, case.subject.on, case.subject.line) == ("amount_differs", DAY, 2)
    assert (case.theirs.amount, case.ours.amount) == (149_000, 150_000)
    assert (case.theirs.status, case.ours.status) == ("succeeded", "succeeded")
    assert case.subject.agency_code == "H19.25"


async def test_currency_status_and_fee_are_compared(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "settlement").mkdir()
    terms = {"fee": {"basis_points": 110, "tolerance": 1}}
    (tmp_path / "settlement" / "sandbox.json").write_text(json.dumps(terms))
    references = await desk.have_paid(5)
    await desk.load_rows(
        [
            row_of(references[0], currency="USD", amount="150000"),
            row_of(references[1], status="failed"),
            row_of(references[2], fee=1_650),
            row_of(references[3], fee=1_651),
            row_of(references[4], fee=1_700),
        ]
    )
    await desk.reconcile()

    assert await desk.found() == {"currency_differs": 1, "status_differs": 1, "fee_differs": 1}
    (fee,) = await desk.differences(kind=DifferenceKind.FEE_DIFFERS)
    assert (fee.theirs.fee, fee.ours.fee) == (1_700, 1_650)


async def test_what_a_person_signed_off_stays_so_while_the_facts_do(desk: Desk) -> None:
    (reference,) = await desk.have_paid(1)
    await desk.load_rows([row_of("OTHER")], name="other")
    await desk.reconcile()
    missing = next(one for one in await desk.differences() if one.kind == "missing_at_provider")
    await desk.sign_off(missing.id)
    with pytest.raises(Conflict):
        await desk.sign_off(missing.id)

    assert (await desk.reconcile()).opened == 0

    again = next(one for one in await desk.differences() if one.id == missing.id)
    assert again.state == "signed_off"
    assert reference == again.subject.provider_reference


async def test_other_facts_open_what_a_person_had_closed(desk: Desk) -> None:
    desk.back_to_noon()
    intent = await desk.world.confirmed()
    desk.later()
    await desk.load_rows([row_of("FT1", bill_reference=intent.bill_reference)])
    await desk.reconcile()
    (case,) = await desk.differences()
    assert (case.kind, case.ours.status) == ("status_differs", "confirmed")
    await desk.sign_off(case.id)

    async with desk.world.database.begin() as connection:
        await connection.execute(
            update(PAYMENT_INTENT).where(PAYMENT_INTENT.c.id == intent.id).values(status="expired")
        )
    await desk.reconcile()

    (case,) = await desk.differences()
    assert (case.state, case.ours.status) == ("open", "expired")
    assert await steps(desk) == ["opened", "signed_off", "changed"]


async def test_a_later_file_corrects_what_an_earlier_one_said(desk: Desk) -> None:
    (reference,) = await desk.have_paid(1)
    await desk.load_rows([row_of(reference, amount=149_000)])
    await desk.reconcile()

    await desk.load_rows([row_of(reference)])
    run = await desk.reconcile()

    assert run.explained == 1
    assert await desk.found() == {}
    assert await steps(desk) == ["opened", "explained"]
    assert await desk.row_states() == {"superseded": 1, "matched": 1}


async def test_a_row_that_names_its_bill_gives_way_to_the_one_that_names_the_payment(
    desk: Desk,
) -> None:
    (reference,) = await desk.have_paid(1)
    await desk.load_rows([row_of("SECOND", bill_reference="LP0000000000")])
    await desk.reconcile()

    await desk.load_rows([row_of(reference)])
    await desk.reconcile()
    await desk.reconcile()

    (case,) = [one for one in await desk.differences() if one.state == "open"]
    assert (case.kind, case.subject.provider_reference) == ("missing_here", "SECOND")


async def test_money_on_a_discrepancys_desk_is_matched_as_well(desk: Desk) -> None:
    desk.back_to_noon()
    intent = await desk.world.confirmed()
    facts = notice_facts(intent.bill_reference, amount=70_000)
    await desk.world.notify(facts)
    desk.later()
    await desk.load_rows([row_of(facts["provider_reference"], amount=70_000)])

    await desk.reconcile()

    assert await desk.found() == {}
    assert await desk.row_states() == {"matched": 1}


async def test_within_the_grace_of_a_day_nothing_is_missing(desk: Desk) -> None:
    references = await desk.have_paid(2)
    desk.back_to_noon()
    await desk.load_rows([row_of(references[0])])

    await desk.reconcile()
    assert await desk.found() == {}
    desk.later()
    await desk.reconcile()

    assert await desk.found() == {"missing_at_provider": 1}
