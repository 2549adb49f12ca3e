"""Begin with a request that is accepted, change one thing, and see it refused without effect."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from chassis.ids import SystemIds
from chassis.keys import load_public_key, thumbprint
from gateway.storage.evidence.tables import EVIDENCE
from gateway.storage.machines.tables import NONCE
from gateway.use_cases.machines.key_changes import KeyChange
from gateway.use_cases.machines.revoke_client_key import revoke_client_key
from tests.gateway.crafting import COMPONENTS, craft
from tests.gateway.world import DOSSIER, Signed, World

COVERED = ("content-digest", "content-type", "idempotency-key", "lephi-client")
SIGNING = ("signature", "signature-input")


async def assert_refused(world: World, request: Signed, *, status: int = 401) -> None:
    answer = await world.send(request)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] != "internal"
    assert world.upstream.requests == []
    async with world.database.read() as connection:
        for table in (EVIDENCE, NONCE):
            assert await connection.scalar(select(func.count()).select_from(table)) == 0


async def test_the_request_that_all_others_here_are_changed_from_is_accepted(
    quick_world: World,
) -> None:
    for request in (quick_world.dossier(), craft(quick_world), quick_world.notification()):
        assert (await quick_world.send(request)).status_code == 200
    assert len(quick_world.upstream.requests) == 3


async def test_the_order_of_components_is_the_signers_choice(quick_world: World) -> None:
    request = craft(quick_world, components=tuple(reversed(COMPONENTS)))

    assert (await quick_world.send(request)).status_code == 200


@pytest.mark.parametrize("name", [*COVERED, *SIGNING])
async def test_a_header_gone_is_refused(quick_world: World, name: str) -> None:
    await assert_refused(quick_world, quick_world.dossier().with_header(name, None))


@pytest.mark.parametrize("name", [*COVERED, *SIGNING])
async def test_a_header_changed_is_refused(quick_world: World, name: str) -> None:
    request = quick_world.dossier()
    old = request.header(name)
    middle = len(old) // 2
    changed = old[:middle] + ("a" if old[middle] != "a" else "b") + old[middle + 1 :]

    await assert_refused(quick_world, request.with_header(name, changed))


@pytest.mark.parametrize("name", [*COVERED, *SIGNING])
async def test_a_header_sent_twice_is_refused(quick_world: World, name: str) -> None:
    request = quick_world.dossier()
    request.headers.append((name, request.header(name)))

    await assert_refused(quick_world, request, status=400)


@pytest.mark.parametrize("component", COMPONENTS)
async def test_a_component_not_covered_is_refused(quick_world: World, component: str) -> None:
    covered = [name for name in COMPONENTS if name != component]

    await assert_refused(quick_world, craft(quick_world, components=covered))


@pytest.mark.parametrize("extra", ["@authority", "@method", "content-type;sf"])
async def test_a_component_too_many_is_refused(quick_world: World, extra: str) -> None:
    await assert_refused(quick_world, craft(quick_world, components=(*COMPONENTS, extra)))


@pytest.mark.parametrize("parameter", ["created", "expires", "nonce", "keyid", "tag"])
async def test_a_parameter_gone_is_refused(quick_world: World, parameter: str) -> None:
    await assert_refused(quick_world, craft(quick_world, drop=parameter))


@pytest.mark.parametrize(
    "parameters",
    [
        {"tag": "lephi-read-1"},
        {"tag": "lephi-bank-callback-1"},
        {"tag": "fapi-2-request"},
        {"keyid": "unknown"},
        {"keyid": "../../etc/passwd"},
        {"nonce": "short"},
        {"nonce": "n" * 129},
        {"alg": "ecdsa-p256-sha256"},
        {"alg": "none"},
        {"alg": "hmac-sha256"},
        {"created": "1795399200"},
        {"nonce": 1234567890123456789},
    ],
    ids=str,
)
async def test_a_parameter_with_another_value_is_refused(
    quick_world: World, parameters: dict[str, Any]
) -> None:
    await assert_refused(quick_world, craft(quick_world, parameters=parameters))


@pytest.mark.parametrize(
    ("created", "expires"),
    [(-61, 0), (11, 60), (0, 121), (-30, -1), (0, 0), (0, -10)],
    ids=["too old", "of the future", "valid too long", "expired", "never valid", "backwards"],
)
async def test_a_time_outside_the_window_is_refused(
    quick_world: World, created: int, expires: int
) -> None:
    now = int(quick_world.clock.now().timestamp())
    times = {"created": now + created, "expires": now + expires}

    await assert_refused(quick_world, craft(quick_world, parameters=times))


async def test_a_key_of_another_client_is_refused(quick_world: World) -> None:
    bank = load_public_key(quick_world.settings.keys_dir / "clients" / "bank-sandbox.pub.pem")

    request = craft(quick_world, parameters={"keyid": thumbprint(bank)})

    await assert_refused(quick_world, request)


async def test_a_client_cannot_sign_in_anothers_name(quick_world: World) -> None:
    request = quick_world.sign("bank-sandbox", "POST", "/v1/dossiers", DOSSIER)

    await assert_refused(quick_world, request.with_header("lephi-client", "portal-demo"))


async def test_a_bank_cannot_submit_a_dossier_however_well_it_signs(quick_world: World) -> None:
    request = quick_world.sign("bank-sandbox", "POST", "/v1/dossiers", DOSSIER)

    await assert_refused(quick_world, request, status=403)


@pytest.mark.parametrize("client_id", ["portal-demo", "bank-sandbox"])
async def test_nobody_notifies_in_the_name_of_a_provider_there_is_not(
    quick_world: World, client_id: str
) -> None:
    request = quick_world.sign(client_id, "POST", "/v1/provider-notifications/other", b"{}")

    await assert_refused(quick_world, request, status=404)


@pytest.mark.parametrize(
    ("label", "origin"), [("dvc", None), ("lephi", "http://gateway.example")], ids=["label", "name"]
)
async def test_another_label_or_public_name_is_refused(
    quick_world: World, label: str, origin: str | None
) -> None:
    request = craft(quick_world, label=label, origin=origin or quick_world.settings.public_origin)

    await assert_refused(quick_world, request)


async def test_a_host_header_cannot_change_what_was_signed(quick_world: World) -> None:
    request = craft(quick_world, origin="http://gateway.example")

    await assert_refused(quick_world, request.with_header("host", "gateway.example"))


async def test_two_signatures_are_refused(quick_world: World) -> None:
    request = quick_world.dossier()
    doubled = request
    for name in SIGNING:
        value = request.header(name)
        doubled = doubled.with_header(name, f"{value}, other{value.removeprefix('lephi')}")

    await assert_refused(quick_world, doubled)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"1.001", b"1.002"),
        lambda body: body + b" ",
        lambda body: body[:-1],
        lambda body: body[:0],
    ],
    ids=["another value", "one more space", "one byte less", "nothing"],
)
async def test_a_body_changed_under_a_valid_signature_is_refused(
    quick_world: World, change: Callable[[bytes], bytes]
) -> None:
    request = quick_world.dossier()

    await assert_refused(quick_world, replace(request, body=change(request.body)))


async def test_a_body_changed_together_with_its_digest_is_refused(quick_world: World) -> None:
    honest = quick_world.dossier()
    other = craft(quick_world, body=b'{"procedure_code": "9.999"}')

    swapped = honest.with_header("content-digest", other.header("content-digest"))

    await assert_refused(quick_world, replace(swapped, body=other.body))


@pytest.mark.parametrize("target", ["/v1/dossiers?channel=online", "/v1/webhook-endpoints"])
async def test_another_target_than_the_signed_one_is_refused(
    quick_world: World, target: str
) -> None:
    await assert_refused(quick_world, replace(quick_world.dossier(), target=target))


async def test_another_method_than_the_signed_one_is_refused(quick_world: World) -> None:
    target = "/v1/webhook-endpoints/0199a000-0000-7000-8000-000000000003"
    request = quick_world.sign("portal-demo", "POST", target, b"")

    await assert_refused(quick_world, replace(request, method="DELETE"))


async def test_a_read_may_not_carry_a_body(quick_world: World) -> None:
    request = replace(quick_world.read("/v1/dossiers"), body=b"{}")

    await assert_refused(quick_world, request, status=400)


@pytest.mark.parametrize(
    "body",
    [b'{"amount":1,"amount":2}', b'{"amount":NaN}', b'{"amount":', b"\xff\xfe", b"[" * 40],
    ids=["key twice", "NaN", "cut off", "not UTF-8", "too deep"],
)
async def test_a_well_signed_body_that_two_readers_could_read_differently_is_refused(
    quick_world: World, body: bytes
) -> None:
    await assert_refused(quick_world, craft(quick_world, body=body), status=400)


async def test_a_revoked_key_is_refused_within_five_seconds(quick_world: World) -> None:
    assert (await quick_world.send(quick_world.dossier())).status_code == 200
    path = quick_world.settings.keys_dir / "clients" / "portal-demo.pub.pem"
    uow = quick_world.app.state.tools.new_uow()
    change = KeyChange(actor="operator:test", clock=quick_world.clock, ids=SystemIds())
    await revoke_client_key(thumbprint(load_public_key(path)), change=change, uow=uow)
    quick_world.clock.advance(timedelta(seconds=5))

    answer = await quick_world.send(quick_world.dossier())

    assert answer.status_code == 401
    assert len(quick_world.upstream.requests) == 1
