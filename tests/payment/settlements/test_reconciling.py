"""What is planted in a file is found, and nothing else is."""

import random

from tests.payment.settlements.desk import Desk, row_of


async def test_every_planted_difference_is_found_and_no_false_one(desk: Desk) -> None:
    references = await desk.have_paid(1000)
    missing, wrong, doubled = references[:10], references[10:20], references[20:30]
    rows = [row_of(one) for one in references if one not in missing]
    for row in rows:
        if row["provider_reference"] in wrong:
            row["amount"] = 149_000
    rows += [row_of(one) for one in doubled]
    rows += [row_of(f"EXTRA{number}") for number in range(10)]
    random.Random(7).shuffle(rows)

    await desk.load_rows(rows)
    first = await desk.reconcile()

    found = await desk.differences()
    assert await desk.found() == {
        "missing_at_provider": 10,
        "amount_differs": 10,
        "duplicate_row": 10,
        "missing_here": 10,
    }
    assert first.opened == first.still_open == 40
    by_kind: dict[str, set[str]] = {}
    for one in found:
        by_kind.setdefault(one.kind, set()).add(one.subject.provider_reference)
    assert by_kind["missing_at_provider"] == set(missing)
    assert by_kind["amount_differs"] == set(wrong)
    assert by_kind["duplicate_row"] == set(doubled)
    assert all(one.startswith("EXTRA") for one in by_kind["missing_here"])
    assert all(one.due_at > one.found_at and one.owner_role == "accountant" for one in found)
    assert await desk.row_states() == {"matched": 990, "duplicate": 10, "unmatched": 10}


async def test_loading_and_reconciling_again_changes_nothing(desk: Desk) -> None:
    references = await desk.have_paid(20)
    rows = [row_of(one) for one in references[1:]] + [row_of("EXTRA")]
    first = await desk.load_rows(rows)
    await desk.reconcile()
    before = await desk.differences()

    again = await desk.load_rows(rows)
    second = await desk.reconcile()

    assert again.id == first.id
    assert (second.opened, second.explained) == (0, 0)
    assert await desk.differences() == before


async def test_a_late_row_closes_its_case_on_the_next_run(desk: Desk) -> None:
    references = await desk.have_paid(5)
    await desk.load_rows([row_of(one) for one in references[1:]])
    await desk.reconcile()
    assert await desk.found() == {"missing_at_provider": 1}

    await desk.load_rows([row_of(references[0])])
    run = await desk.reconcile()

    assert run.explained == 1
    assert await desk.found() == {}
    assert [one.state for one in await desk.differences()] == ["explained"]
