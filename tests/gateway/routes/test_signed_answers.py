"""What the gateway says about a fee is signed by it, whether it says yes or no."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.keys import PublicKey, key_of_jwk
from chassis.message_signatures import AnswerChecks, BadSignature
from gateway.ports.upstream import UpstreamAnswer
from tests.gateway.crafting import craft
from tests.gateway.world import ORIGIN, Signed, World, json_answer


async def published(world: World) -> Mapping[str, PublicKey]:
    answer = await world.http.get("/.well-known/jwks.json")
    assert answer.headers["content-type"] == "application/jwk-set+json"
    return {jwk["kid"]: key_of_jwk(_bare(jwk)) for jwk in answer.json()["keys"]}


def _bare(jwk: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in jwk.items() if name not in {"kid", "use", "alg"}}


async def check(world: World, request: Signed, answer: httpx.Response, **altered: Any) -> None:
    checks = AnswerChecks(await published(world), clock=world.clock)
    said: dict[str, Any] = {
        "status": answer.status_code,
        "headers": dict(answer.headers),
        "body": answer.content,
        "method": request.method,
        "url": ORIGIN + request.target,
        "request_headers": request.headers,
    }
    checks.check(**(said | altered))


@pytest.mark.parametrize("kind", ["yes", "no from the service", "no from us", "nothing to say"])
async def test_every_answer_on_a_fee_route_is_signed(quick_world: World, kind: str) -> None:
    world, request = quick_world, quick_world.dossier()
    if kind == "no from the service":
        world.upstream.answers["POST", "/v1/dossiers"] = json_answer({"code": "no"}, status=409)
    if kind == "nothing to say":
        world.upstream.answers["POST", "/v1/dossiers"] = UpstreamAnswer(
            status=204, headers=(), body=b""
        )
    if kind == "no from us":
        request = craft(world, components=("@method",))

    answer = await world.send(request)

    await check(world, request, answer)
    assert '"signature";req;key="lephi"' in answer.headers["signature-input"]


async def test_a_notice_is_answered_with_a_signature(quick_world: World) -> None:
    request = quick_world.notification()

    await check(quick_world, request, await quick_world.send(request))


async def test_what_was_never_signed_is_refused_with_a_signature(quick_world: World) -> None:
    for headers in ([], [("signature", "rubbish"), ("content-digest", "none")]):
        request = Signed("POST", "/v1/dossiers", list(headers), b"{}")

        answer = await quick_world.send(request)

        assert answer.status_code == 401
        await check(quick_world, request, answer)


async def test_a_doubled_header_is_refused_with_a_signature(quick_world: World) -> None:
    request = quick_world.dossier()
    request.headers.append(("signature", request.header("signature")))

    answer = await quick_world.send(request)

    assert answer.status_code == 400
    await check(quick_world, request, answer)


async def test_reads_and_public_answers_are_not_signed(quick_world: World) -> None:
    read = await quick_world.send(quick_world.read("/v1/dossiers"))
    look = await quick_world.http.get("/v1/agencies")

    assert "signature" not in read.headers.keys() | look.headers.keys()


async def test_an_answer_cannot_be_changed_or_moved_to_another_question(
    quick_world: World,
) -> None:
    world, request = quick_world, quick_world.dossier()
    answer = await world.send(request)
    headers = dict(answer.headers)
    other = world.dossier()

    altered: dict[str, Any]
    for altered in (
        {"status": 201},
        {"body": b'{"paid":true}'},
        {"headers": headers | {"content-type": "text/html"}},
        {"headers": {k: v for k, v in headers.items() if k != "content-type"}},
        {"headers": {k: v for k, v in headers.items() if k != "signature"}},
        {"method": "PUT"},
        {"url": ORIGIN + "/v1/dossiers?x=1"},
        {"request_headers": other.headers},
        {"request_headers": []},
    ):
        with pytest.raises(BadSignature):
            await check(world, request, answer, **altered)


async def test_an_old_answer_or_one_of_an_unknown_key_is_not_believed(quick_world: World) -> None:
    request = quick_world.dossier()
    answer = await quick_world.send(request)
    with pytest.raises(BadSignature):
        AnswerChecks({}, clock=quick_world.clock).check(
            status=answer.status_code,
            headers=dict(answer.headers),
            body=answer.content,
            method="POST",
            url=f"{ORIGIN}/v1/dossiers",
            request_headers=request.headers,
        )
    quick_world.clock.advance(timedelta(seconds=61))

    with pytest.raises(BadSignature):
        await check(quick_world, request, answer)


async def test_the_published_keys_are_public_ones_and_name_themselves(quick_world: World) -> None:
    keys = (await quick_world.http.get("/.well-known/jwks.json")).json()["keys"]

    assert len(keys) >= 2
    for key in keys:
        assert (key["use"], "d" in key) == ("sig", False)
        assert key.keys() >= {"kid", "kty", "alg"}
