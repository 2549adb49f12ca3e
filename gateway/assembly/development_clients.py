import asyncio
from pathlib import Path
from typing import Final

from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import Ids, SystemIds
from chassis.keys import load_public_key, public_jwk, thumbprint
from chassis.message_signatures import algorithm_of
from gateway.domain.machines.client import Algorithm, Client, ClientClass, ClientKey
from gateway.settings import GatewaySettings
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.machines.key_changes import KeyChange
from gateway.use_cases.machines.register_client import register_client

BANK_PREFIX: Final = "bank-"
DEVELOPMENT_ACTOR: Final = "operator:development"


async def register_development_clients(
    settings: GatewaySettings,
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> None:
    """Let in whoever has a key under keys/clients: `bank-<provider>` as a bank, else a portal."""
    clock = clock or SystemClock()
    opened = database or Database.open(settings.database_url, pool_size=1)
    used_ids = ids or SystemIds(clock)
    change = KeyChange(actor=DEVELOPMENT_ACTOR, clock=clock, ids=used_ids)
    files = await asyncio.to_thread(_public_keys, settings.keys_dir / "clients")
    try:
        for path in files:
            client, key = await asyncio.to_thread(_client_of, path, clock)
            uow = SqlUnitOfWork(opened, clock=clock, ids=used_ids)
            await register_client(client, key, change=change, uow=uow)
    finally:
        if database is None:
            await opened.close()


def _public_keys(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pub.pem"))


def _client_of(path: Path, clock: Clock) -> tuple[Client, ClientKey]:
    name = path.name.removesuffix(".pub.pem")
    is_bank = name.startswith(BANK_PREFIX)
    client = Client(
        id=name,
        client_class=ClientClass.BANK if is_bank else ClientClass.PORTAL,
        provider=name.removeprefix(BANK_PREFIX) if is_bank else None,
    )
    public_key = load_public_key(path)
    key = ClientKey(
        id=thumbprint(public_key),
        client_id=name,
        algorithm=Algorithm(algorithm_of(public_key)),
        public_jwk=public_jwk(public_key),
        registered_at=clock.now(),
    )
    return client, key
