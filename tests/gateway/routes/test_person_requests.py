"""Whoever changes something behind us in a session leaves evidence before it has any effect."""

from sqlalchemy import select

from chassis.canonical import load_json
from gateway.domain.evidence.record import EvidenceKind
from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest
from gateway.storage.evidence.tables import EVIDENCE
from tests.gateway.payer import make_payer
from tests.gateway.world import PAYMENT_INTENT_ID, World, json_answer

ATTEMPTS = f"/v1/payment-intents/{PAYMENT_INTENT_ID}/attempts"


async def test_a_payers_request_is_kept_before_the_service_hears_of_it(quick_world: World) -> None:
    payer = await make_payer(quick_world)
    kept_by_then: list[bytes] = []

    async def attempts(_request: UpstreamRequest) -> UpstreamAnswer:
        async with quick_world.database.read() as connection:
            wanted = select(EVIDENCE).where(EVIDENCE.c.kind == EvidenceKind.PERSON_REQUEST)
            (kept,) = (await connection.execute(wanted)).all()
        assert (kept.record["target"], kept.record["user_id"]) == (ATTEMPTS, payer.id)
        kept_by_then.append(kept.body)
        return json_answer({}, 201)

    quick_world.upstream.answers["POST", ATTEMPTS] = attempts

    answer = await payer.post(ATTEMPTS, {"method": "momo"})

    assert answer.status_code == 201
    assert [load_json(body) for body in kept_by_then] == [{"method": "momo"}]
