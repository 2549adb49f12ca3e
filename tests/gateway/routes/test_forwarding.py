import jwt
import pytest
from sqlalchemy import select

from chassis.auth import TokenVerifier
from gateway.domain.errors import UpstreamUnavailable
from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest
from gateway.providers.in_process_upstream import InProcessUpstream
from gateway.storage.evidence.tables import EVIDENCE, EVIDENCE_LINK
from tests.gateway.payer import make_payer
from tests.gateway.world import DOSSIER, DOSSIER_ID, PAYMENT_INTENT_ID, World, json_answer

SUBMITTED = {"id": DOSSIER_ID, "payment_intent_id": PAYMENT_INTENT_ID}


async def test_evidence_is_kept_before_the_service_hears_of_the_request(world: World) -> None:
    kept: list[tuple[str, bytes]] = []

    async def look_first(request: UpstreamRequest) -> UpstreamAnswer:
        async with world.database.read() as connection:
            rows = await connection.execute(select(EVIDENCE.c.kind, EVIDENCE.c.body))
            kept.extend((row.kind, row.body) for row in rows)
        return json_answer(SUBMITTED, 201)

    world.upstream.answers["POST", "/v1/dossiers"] = look_first

    assert (await world.send(world.dossier())).status_code == 201

    assert kept == [("dossier-submission", DOSSIER)]


async def test_the_evidence_of_a_dossier_is_linked_to_its_payment(world: World) -> None:
    world.upstream.answers["POST", "/v1/dossiers"] = json_answer(SUBMITTED, 201)

    await world.send(world.dossier())

    async with world.database.read() as connection:
        (row,) = await connection.execute(select(EVIDENCE_LINK))
    assert (str(row.payment_intent_id), str(row.dossier_id)) == (PAYMENT_INTENT_ID, DOSSIER_ID)


async def test_a_dossier_without_a_fee_is_linked_to_no_payment(quick_world: World) -> None:
    free = {"id": DOSSIER_ID, "payment_intent_id": None}
    quick_world.upstream.answers["POST", "/v1/dossiers"] = json_answer(free, 201)

    assert (await quick_world.send(quick_world.dossier())).status_code == 201


async def test_the_service_gets_a_token_for_this_very_request_and_no_header_of_the_callers(
    quick_world: World,
) -> None:
    request = quick_world.dossier()
    request.headers += [
        ("X-Forwarded-For", "10.0.0.1"),
        ("Forwarded", "for=10.0.0.1"),
        ("X-User-Id", "admin"),
        ("Cookie", "session=1"),
        ("Accept-Language", "en"),
    ]

    await quick_world.send(request)

    (sent,) = quick_world.upstream.requests
    headers = dict(sent.headers)
    assert headers.keys() == {
        "accept", "accept-language", "authorization", "content-type", "idempotency-key",
        "x-request-id",
    }  # fmt: skip
    caller = TokenVerifier.from_directory(
        "dossier",
        quick_world.settings.keys_dir / "internal",
        callers={"gateway": {"client": frozenset({"dossier.submit"})}},
        clock=quick_world.clock,
    ).verify(
        headers["authorization"].removeprefix("Bearer "),
        method="POST",
        target="/v1/dossiers",
        body=DOSSIER,
    )
    assert (caller.kind, caller.client_id, caller.evidence_level) == ("client", "portal-demo", "P1")
    assert caller.evidence_id is not None


async def test_each_request_gets_a_token_of_its_own(quick_world: World) -> None:
    for _ in range(2):
        await quick_world.http.get("/v1/agencies")

    tokens = [dict(sent.headers)["authorization"] for sent in quick_world.upstream.requests]
    ids = {jwt.decode(t[7:], options={"verify_signature": False})["jti"] for t in tokens}
    assert len(ids) == 2


async def test_path_and_query_arrive_as_they_were_sent(quick_world: World) -> None:
    await quick_world.http.get("/v1/procedures?q=l%E1%BB%87%20ph%C3%AD&limit=5")

    assert quick_world.upstream.requests[0].target == (
        "/v1/procedures?q=l%E1%BB%87%20ph%C3%AD&limit=5"
    )


async def test_what_a_service_says_of_itself_does_not_leave_the_house(quick_world: World) -> None:
    answer = await quick_world.http.get("/v1/agencies")

    assert "server" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-request-id"]


async def test_a_service_that_is_down_is_said_to_be_so(quick_world: World) -> None:
    quick_world.upstream.down = True

    answer = await quick_world.send(quick_world.dossier())

    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("given", "heard"),
    [
        (UpstreamAnswer(status=500, headers=(("content-type", "text/html"),), body=b"<h1>"), 503),
        (UpstreamAnswer(status=401, headers=(), body=b"bad token"), 503),
        (
            UpstreamAnswer(
                status=503,
                headers=(("content-type", "application/problem+json"),),
                body=b'{"code":"unavailable"}',
            ),
            503,
        ),
        (
            UpstreamAnswer(
                status=409,
                headers=(("content-type", "application/problem+json"),),
                body=b'{"code":"idempotency_key_reused"}',
            ),
            409,
        ),
    ],
    ids=["a page of errors", "our token refused", "busy", "a refusal"],
)
async def test_a_services_trouble_is_passed_on_in_our_manner(
    quick_world: World, given: UpstreamAnswer, heard: int
) -> None:
    quick_world.upstream.answers["POST", "/v1/dossiers"] = given

    answer = await quick_world.send(quick_world.dossier())

    assert answer.status_code == heard
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in answer.headers) == (heard == 503)
    assert b"<h1>" not in answer.content


async def test_with_the_store_down_fees_are_refused_and_look_ups_go_on(quick_world: World) -> None:
    async with quick_world.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE evidence RENAME TO evidence_away")

    refused = [
        await quick_world.send(quick_world.dossier()),
        await quick_world.send(quick_world.notification()),
    ]
    public = await quick_world.http.get("/v1/agencies")

    assert [answer.status_code for answer in refused] == [503, 503]
    assert all("retry-after" in answer.headers for answer in refused)
    assert public.status_code == 200
    assert [request.service for request in quick_world.upstream.requests] == ["catalog"]


async def test_a_link_that_cannot_be_kept_is_answered_so_that_the_caller_repeats(
    quick_world: World,
) -> None:
    quick_world.upstream.answers["POST", "/v1/dossiers"] = json_answer(SUBMITTED, 201)
    async with quick_world.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE evidence_link RENAME TO link_away")

    first = await quick_world.send(quick_world.dossier())
    async with quick_world.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE link_away RENAME TO evidence_link")
    again = await quick_world.send(quick_world.dossier())

    assert [first.status_code, again.status_code] == [503, 201]


async def test_an_upstream_that_is_unknown_is_down() -> None:
    request = UpstreamRequest(service="dossier", method="GET", target="/", headers=())

    with pytest.raises(UpstreamUnavailable):
        await InProcessUpstream({}).send(request)


async def test_a_write_without_a_body_is_signed_over_the_empty_body(quick_world: World) -> None:
    target = f"/v1/webhook-endpoints/{DOSSIER_ID}"
    gone = UpstreamAnswer(status=204, headers=(), body=b"")
    quick_world.upstream.answers["DELETE", target] = gone

    answer = await quick_world.send(quick_world.sign("portal-demo", "DELETE", target, b""))

    assert (answer.status_code, answer.content) == (204, b"")
    async with quick_world.database.read() as connection:
        kinds = (await connection.scalars(select(EVIDENCE.c.kind))).all()
    assert kinds == ["client-request"]


async def test_a_payer_looks_at_a_payment_with_a_session_and_a_portal_with_a_signature(
    quick_world: World,
) -> None:
    payer = await make_payer(quick_world)
    target = f"/v1/payment-intents/{PAYMENT_INTENT_ID}"

    by_session = await quick_world.http.get(
        target, headers={"authorization": f"Bearer {payer.token}"}
    )
    by_signature = await quick_world.send(quick_world.read(target))
    by_nothing = await quick_world.http.get(target)

    assert [one.status_code for one in (by_session, by_signature, by_nothing)] == [200, 200, 401]
    tokens = [dict(sent.headers)["authorization"][7:] for sent in quick_world.upstream.requests]
    kinds = [jwt.decode(one, options={"verify_signature": False})["kind"] for one in tokens]
    assert kinds == ["user", "client"]
