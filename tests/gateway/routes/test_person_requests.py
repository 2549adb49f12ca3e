"""Whoever changes something behind us in a session leaves evidence before it has any effect."""

from uuid import UUID

from sqlalchemy import select

from chassis.canonical import load_json
from chassis.ids import SystemIds
from gateway.domain.evidence.record import EvidenceKind
from gateway.domain.people.roles import Grant, Role, RoleGrant
from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest
from gateway.routes.table import ROUTES
from gateway.storage.evidence.tables import EVIDENCE
from tests.gateway.payer import make_payer
from tests.gateway.proofs.provers import uow_of
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


async def test_a_card_number_typed_at_the_counter_is_refused_before_anything_is_kept(
    quick_world: World,
) -> None:
    officer = await make_payer(quick_world)
    async with uow_of(quick_world) as uow:
        await uow.grants.add(
            RoleGrant(
                id=SystemIds().new(),
                user_id=UUID(officer.id),
                grant=Grant(role=Role.COUNTER_OFFICER, agency="H19.25"),
                granted_by="operator:test",
                granted_at=quick_world.clock.now(),
            )
        )
    targets = [
        route.path.replace("{id}", PAYMENT_INTENT_ID)
        for route in ROUTES
        if route.no_card_numbers and Role.COUNTER_OFFICER in route.roles
    ]

    for target in targets:
        refused = await officer.post(target, {"reason": "thẻ 4111 1111 1111 1111"})
        assert (refused.status_code, refused.json()["code"]) == (422, "card_number_given")

    async with quick_world.database.read() as connection:
        wanted = select(EVIDENCE).where(EVIDENCE.c.kind == EvidenceKind.PERSON_REQUEST)
        assert (await connection.execute(wanted)).all() == []
    assert len(targets) == 4
    assert quick_world.upstream.requests == []
