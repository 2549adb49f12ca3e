from uuid import UUID

import pytest
from sqlalchemy import Table, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from gateway.domain.evidence.errors import TooMuchEvidence
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.storage.evidence.evidence_log import EVIDENCE_OF_PAYMENT_MAX
from gateway.storage.evidence.tables import EVIDENCE, EVIDENCE_LINK
from tests.gateway.world import PAYMENT_INTENT_ID, World, about_payment, json_answer

NOTICED = {"status": "settled", "payment_intent_id": PAYMENT_INTENT_ID}


async def keep_one(world: World) -> None:
    target = "/v1/provider-notifications/sandbox"
    world.upstream.answers["POST", target] = about_payment(json_answer(NOTICED))
    assert (await world.send(world.notification())).status_code == 200


@pytest.mark.parametrize("table", [EVIDENCE, EVIDENCE_LINK], ids=lambda table: table.name)
async def test_evidence_can_neither_be_changed_nor_deleted(world: World, table: Table) -> None:
    await keep_one(world)
    async with world.database.read() as connection:
        before = (await connection.execute(select(table))).all()
    key = table.primary_key.columns[0]

    for change in (update(table).values({key.name: UUID(int=9)}), delete(table)):
        with pytest.raises(DBAPIError, match="append-only"):
            async with world.database.begin() as connection:
                await connection.execute(change)

    async with world.database.read() as connection:
        assert (await connection.execute(select(table))).all() == before


async def test_evidence_cannot_be_emptied_at_one_stroke(world: World) -> None:
    if world.database.dialect == "sqlite":
        # SQLite has no TRUNCATE; an unqualified DELETE is refused by the same trigger.
        return
    await keep_one(world)

    with pytest.raises(DBAPIError, match="append-only"):
        async with world.database.begin() as connection:
            await connection.execute(text("TRUNCATE evidence CASCADE"))


async def test_evidence_is_read_back_as_it_was_kept(world: World) -> None:
    await keep_one(world)

    async with world.app.state.tools.new_uow() as uow:
        (kept,) = await uow.evidence.list_of_payment(UUID(PAYMENT_INTENT_ID))

    assert kept.kind is EvidenceKind.PROVIDER_NOTIFICATION
    assert kept.body == b'{"notice_id":"n-1"}'
    assert kept.recorded_at == world.clock.now()
    assert kept.record["target_uri"].endswith("/v1/provider-notifications/sandbox")
    assert kept.record["headers"].keys() == {"content-digest", "content-type", "lephi-client"}


async def test_more_evidence_than_a_bundle_holds_is_said_not_cut(world: World) -> None:
    async with world.app.state.tools.new_uow() as uow:
        for number in range(EVIDENCE_OF_PAYMENT_MAX + 1):
            await uow.evidence.add(
                Evidence(
                    id=UUID(int=number),
                    kind=EvidenceKind.PROVIDER_NOTIFICATION,
                    recorded_at=world.clock.now(),
                    record={},
                    body=b"{}",
                    client_id="bank-sandbox",
                    payment_intent_id=UUID(PAYMENT_INTENT_ID),
                    signature_base=b"base",
                    shown_text=None,
                )
            )

        with pytest.raises(TooMuchEvidence):
            await uow.evidence.list_of_payment(UUID(PAYMENT_INTENT_ID))
