"""Every state change leaves exactly one record, in the transaction that makes it (I-34)."""

from dataclasses import dataclass, field

from sqlalchemy import select

from chassis.canonical import load_json
from gateway.storage.audit.tables import AUDIT_LEAF, AUDIT_PENDING
from tests.gateway.payer import CONFIRMATIONS, Payer, play_payment
from tests.gateway.world import World


@dataclass
class Watch:
    """What the log has gained since it was last asked, whether it has its place already or not."""

    world: World
    known: set[str] = field(default_factory=set)

    async def gained(self) -> list[str]:
        said = []
        async with self.world.database.read() as connection:
            for table in (AUDIT_LEAF, AUDIT_PENDING):
                records = (await connection.execute(select(table.c.record))).scalars()
                said += [load_json(record) for record in records]
        fresh = [one for one in said if one["id"] not in self.known]
        self.known |= {one["id"] for one in fresh}
        return sorted(one["action"] for one in fresh)


async def test_a_payers_way_leaves_one_record_for_each_change_and_none_for_a_look(
    world: World,
) -> None:
    play_payment(world)
    watch = Watch(world)
    await watch.gained()
    payer = Payer(world, "nguyen.van.an")

    await payer.open_account()
    assert await watch.gained() == ["account.opened", "code_generator.activated"]
    await payer.sign_in()
    assert await watch.gained() == ["session.opened"]
    await payer.enrol()
    assert (await watch.gained()).count("device_key.enrolled") == 1
    opened = await payer.open_confirmation()
    assert (await watch.gained()).count("confirmation.opened") == 1
    assert (await payer.prove(opened)).status_code == 200
    assert await watch.gained() == ["confirmation.given", "evidence.recorded"]
    # The same proof again changes nothing, and so leaves nothing.
    again = await payer.post(f"/v1/confirmations/{opened['confirmation_id']}/proof", {})
    assert again.status_code >= 400
    assert await watch.gained() == []
    await world.http.delete(
        "/v1/sessions/current", headers={"authorization": f"Bearer {payer.token}"}
    )
    assert await watch.gained() == ["session.ended"]


async def test_a_machines_write_is_recorded_once_and_a_refused_one_not_at_all(
    world: World,
) -> None:
    watch = Watch(world)
    await watch.gained()

    await world.send(world.dossier())
    assert await watch.gained() == ["evidence.recorded"]
    signed = world.dossier()
    await world.send(signed.with_header("content-type", "text/plain"))
    assert await watch.gained() == []
    await world.send(world.read("/v1/dossiers"))
    assert await watch.gained() == []
    await world.send(world.notification())
    assert await watch.gained() == ["evidence.recorded"]


async def test_a_change_that_is_undone_leaves_no_record(world: World) -> None:
    """The record and the change are one transaction: who is refused changed nothing."""
    play_payment(world)
    watch = Watch(world)
    payer = Payer(world, "nguyen.van.an")
    await payer.open_account()
    await payer.sign_in()
    await watch.gained()

    taken = await payer.post(
        "/v1/accounts",
        {"username": "nguyen.van.an", "password": "một mật khẩu đủ dài", "full_name": "B"},
    )
    assert taken.status_code == 409
    assert (await payer.post(CONFIRMATIONS, {"method": "by-hand"})).status_code >= 400
    assert await watch.gained() == []
