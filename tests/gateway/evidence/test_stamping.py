"""Checkpoints are stamped in their time, failures tried again, and nothing kept is ever changed."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from chassis.db import Database
from chassis.in_process import InProcessTransport
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from gateway.domain.evidence.stamp import CheckpointStamp
from gateway.settings import GatewaySettings
from gateway.storage.evidence.tables import CHECKPOINT_STAMP
from gateway.use_cases.evidence.stamp_checkpoint import stamp_checkpoint
from gateway.worker import create_worker
from tests.gateway.audit.rig import rig_of
from tests.gateway.evidence.rig import EvidenceRig
from tests.gateway.evidence.stamping import RememberingGauges, tools_of


async def test_the_newest_checkpoint_is_stamped_once_in_its_time(rig: EvidenceRig) -> None:
    tools = tools_of(rig)

    async def turn() -> CheckpointStamp | None:
        return await stamp_checkpoint(uow=rig.log.uow(), tools=tools)

    assert await turn() is None
    await rig.submit()
    await rig.keep_log()
    first = await turn()
    assert first is not None
    assert await turn() is None
    await rig.log.grow(3)
    assert await turn() is None
    rig.world.clock.advance(timedelta(hours=1))
    second = await turn()

    assert second is not None
    assert second.size > first.size
    assert isinstance(tools.gauges, RememberingGauges)
    assert tools.gauges.sizes == [first.size, second.size]
    checkpoint = await newest_jws(rig)
    assert rig.stamps.stamped[-1] == checkpoint.encode()


async def newest_jws(rig: EvidenceRig) -> str:
    uow = rig.log.uow()
    async with uow:
        newest = await uow.audit_tree.latest_checkpoint()
    assert newest is not None
    return newest.jws


async def test_a_failure_is_told_and_tried_again(rig: EvidenceRig) -> None:
    tools = tools_of(rig)
    await rig.submit()
    await rig.keep_log()
    rig.stamps.down = True

    assert await stamp_checkpoint(uow=rig.log.uow(), tools=tools) is None
    rig.stamps.down = False
    assert await stamp_checkpoint(uow=rig.log.uow(), tools=tools) is not None

    assert isinstance(tools.gauges, RememberingGauges)
    assert tools.gauges.failures == ["it is down"]


async def test_what_was_stamped_is_kept_once_found_by_its_place_and_never_changed(
    database: Database, settings: GatewaySettings
) -> None:
    log = rig_of(database, settings.var_dir)
    sizes = []
    for _ in range(2):
        await log.grow(3)
        uow = log.uow()
        async with uow:
            newest = await uow.audit_tree.latest_checkpoint()
            assert newest is not None
            sizes.append(newest.checkpoint.size)
            at = log.clock.now()
            await uow.checkpoint_stamps.add(CheckpointStamp(size=sizes[-1], token=b"1", at=at))
            await uow.checkpoint_stamps.add(CheckpointStamp(size=sizes[-1], token=b"2", at=at))

    uow = log.uow()
    async with uow:
        found = [await uow.checkpoint_stamps.find_over(index) for index in (0, sizes[0], sizes[1])]
        latest = await uow.checkpoint_stamps.latest()
    assert [one and (one.size, one.token) for one in found] == [
        (sizes[0], b"1"),
        (sizes[1], b"1"),
        None,
    ]
    assert latest is not None
    assert latest.size == sizes[1]
    for change in (update(CHECKPOINT_STAMP).values(token=b"x"), delete(CHECKPOINT_STAMP)):
        with pytest.raises(DBAPIError):
            async with database.begin() as connection:
                await connection.execute(change)
    async with database.read() as connection:
        assert len((await connection.execute(select(CHECKPOINT_STAMP))).all()) == 2


async def test_the_worker_stamps_only_where_there_is_an_authority(
    tmp_path: Path, database: Database, settings: GatewaySettings
) -> None:
    ensure_development_keys(tmp_path, clock=FrozenClock())

    def schedules(tsa_url: str) -> set[str]:
        told = settings.model_copy(update={"tsa_url": tsa_url, "keys_dir": tmp_path / "keys"})
        transport = InProcessTransport(dead_letters=tmp_path)
        worker = create_worker(told, transport=transport, database=database)
        return {one.name for one in worker._schedules}

    assert "stamp" not in schedules("")
    assert "stamp" in schedules("http://127.0.0.1:9/tsa")
