import asyncio
from datetime import timedelta
from itertools import combinations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from gateway.domain.audit.tree import is_consistent, is_included, leaf_hash
from gateway.storage.audit.tables import AUDIT_CHECKPOINT, AUDIT_LEAF, AUDIT_PENDING
from gateway.use_cases.audit.place_pending import place_pending
from gateway.use_cases.audit.prove_consistency import prove_consistency
from gateway.use_cases.audit.prove_inclusion import prove_entry, prove_inclusion
from tests.gateway.audit.rig import TREE_TABLES, Rig


async def placed(rig: Rig) -> list[int]:
    async with rig.database.read() as connection:
        rows = await connection.execute(select(AUDIT_LEAF.c.index).order_by(AUDIT_LEAF.c.index))
        return [row[0] for row in rows]


async def pending(rig: Rig) -> int:
    async with rig.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(AUDIT_PENDING)) or 0


async def test_what_waits_gets_its_place_in_order_of_time_and_a_checkpoint_signs_it(
    rig: Rig,
) -> None:
    await rig.add(7)

    gauges = await rig.keep()

    assert await placed(rig) == list(range(7))
    assert await pending(rig) == 0
    assert gauges.alarms == []
    assert gauges.checkpoint is not None
    assert gauges.checkpoint.size == 7


async def test_every_entry_is_proved_included_in_every_checkpoint_that_covers_it(rig: Rig) -> None:
    for _ in range(3):
        await rig.grow(5)

    for size in (5, 10, 15):
        for index in range(size):
            proof = await prove_entry(index, size=size, uow=rig.uow())
            assert is_included(
                leaf_hash(proof.record),
                index=index,
                size=size,
                path=proof.path,
                root=proof.checkpoint.signed.checkpoint.root,
            )


async def test_each_checkpoint_is_proved_to_begin_the_next(rig: Rig) -> None:
    roots = {}
    for _ in range(4):
        checkpoint = (await rig.grow(3)).checkpoint
        assert checkpoint is not None
        roots[checkpoint.size] = checkpoint.root

    for (first, old), (second, new) in combinations(roots.items(), 2):
        proof = await prove_consistency(first, second, uow=rig.uow())
        assert is_consistent(first, old, second, new, proof.path)


async def test_a_record_is_provable_by_its_id_once_a_checkpoint_covers_it(rig: Rig) -> None:
    await rig.add(3)
    async with rig.database.read() as connection:
        id = (await connection.execute(select(AUDIT_PENDING.c.id))).scalars().all()[-1]
    assert await prove_inclusion(id, uow=rig.uow()) is None

    await rig.keep()

    proof = await prove_inclusion(id, uow=rig.uow())
    assert proof is not None
    assert str(id).encode() in proof.record


async def test_a_checkpoint_is_signed_after_ten_seconds_or_a_thousand_leaves(rig: Rig) -> None:
    await rig.grow(1)
    await rig.add(999)
    assert (await rig.keep()).checkpoint.size == 1  # type: ignore[union-attr]
    await rig.add(1)
    assert (await rig.keep()).checkpoint.size == 1001  # type: ignore[union-attr]

    assert (await rig.grow(1)).checkpoint.size == 1002  # type: ignore[union-attr]


async def test_nothing_new_signs_nothing(rig: Rig) -> None:
    await rig.grow(2)
    await rig.grow(0)

    async with rig.database.read() as connection:
        count = await connection.scalar(select(func.count()).select_from(AUDIT_CHECKPOINT))
    assert count == 1


async def test_two_sequencers_at_once_give_one_order_without_a_gap(rig: Rig) -> None:
    await rig.add(120)

    async def work() -> None:
        for _ in range(200):
            if await pending(rig) == 0:
                return
            await place_pending(uow=rig.uow(), limit=7)

    await asyncio.gather(work(), work(), work())

    assert await placed(rig) == list(range(120))


async def test_the_gauges_say_how_much_waits_and_how_long(rig: Rig) -> None:
    await rig.add(2)
    # A record that cannot be read stops the log, and not the business.
    await rig.tamper(f"UPDATE audit_pending SET record = {rig.blob(b'{}')}")
    await rig.keep()
    rig.clock.advance(timedelta(seconds=30))  # type: ignore[attr-defined]

    gauges = await rig.keep()

    assert gauges.pending == 2
    assert gauges.oldest_seconds == 30
    assert len(gauges.alarms) == 2


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE audit_node SET hash = (SELECT hash FROM audit_node WHERE level = 2)",
        "UPDATE audit_checkpoint SET root = (SELECT hash FROM audit_node WHERE level = 2)",
        "UPDATE audit_checkpoint SET origin = 'another'",
        "DELETE FROM audit_node WHERE level = 2",
        'DELETE FROM audit_leaf WHERE "index" > 1',
    ],
)
async def test_nothing_is_signed_over_a_log_that_was_changed(rig: Rig, edit: str) -> None:
    await rig.grow(6)
    await rig.tamper(edit)

    gauges = await rig.grow(2)

    assert gauges.alarms
    assert gauges.checkpoint is not None
    assert gauges.checkpoint.size == 6


@pytest.mark.parametrize("table", TREE_TABLES[:3])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {}"])
async def test_the_log_is_append_only(rig: Rig, table: str, change: str) -> None:
    await rig.grow(3)
    column = {"audit_leaf": "actor = 'x'", "audit_node": "hash = hash"}.get(table, "jws = 'x'")

    with pytest.raises(DBAPIError, match="append-only"):
        async with rig.database.begin() as connection:
            await connection.execute(text(change.format(table, column)))
