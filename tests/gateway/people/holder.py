"""A payer with a passkey, as several tests need one."""

import json
from typing import Any

import httpx
from sqlalchemy import text

from tests.gateway.payer import Payer
from tests.gateway.soft_passkey import SoftPasskey
from tests.gateway.world import ORIGIN, World

RP_ID = "127.0.0.1"


def new_passkey(**said: Any) -> SoftPasskey:
    return SoftPasskey(**{"origin": ORIGIN, "rp_id": RP_ID, **said})


async def make_signed_in(world: World, username: str = "an.nguyen") -> Payer:
    payer = Payer(world, username)
    await payer.open_account()
    assert (await payer.sign_in()).status_code == 201
    return payer


async def register(
    payer: Payer, passkey: SoftPasskey, *, payment: bool = False, name: str = "Điện thoại"
) -> httpx.Response:
    offered = await payer.post("/v1/passkey-registrations", {"payment": payment})
    assert offered.status_code == 201, offered.text
    return await payer.post(
        "/v1/passkeys", {"name": name, "credential": passkey.create(offered.json())}
    )


async def sign_in(world: World, passkey: SoftPasskey, query: str = "") -> httpx.Response:
    options = (await world.http.post("/v1/passkey-logins")).json()
    return await world.http.post(
        f"/v1/passkey-sessions{query}", json={"credential": passkey.get(options)}
    )


async def make_holder(
    world: World, username: str = "an.nguyen", **said: Any
) -> tuple[Payer, SoftPasskey]:
    payer, passkey = await make_signed_in(world, username), new_passkey(**said)
    assert (await register(payer, passkey)).status_code == 201
    return payer, passkey


async def actions(world: World) -> list[str]:
    """What the audit log was told, oldest first."""
    async with world.database.engine.connect() as connection:
        rows = await connection.execute(text("SELECT record FROM audit_pending ORDER BY id"))
        return [_action(bytes(row.record)) for row in rows]


def _action(record: bytes) -> str:
    return str(json.loads(record)["action"])
