from tests.gateway.world import World


async def test_a_signed_dossier_reaches_its_service(world: World) -> None:
    answer = await world.send(world.dossier())

    assert answer.status_code == 200, answer.text
    assert [request.service for request in world.upstream.requests] == ["dossier"]
