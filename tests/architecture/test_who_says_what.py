"""One house may say each event; whoever hears it believes that house and no other."""

import asyncio
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest
import yaml

from chassis.db import Database
from chassis.in_process import InProcessTransport
from chassis.signed_events import EventSigner, NotProved
from chassis.transport import Delivery, Handle, Unprocessable
from deploy.commands.houses import HOUSES, SERVICES, package_of
from deploy.development_keys import INTERNAL_ISSUERS, ensure_development_keys
from deploy.event_table import heard_by, said_by

BASE: Final = Path(__file__).parents[2] / "deploy" / "kubernetes" / "base"
LISTENERS: Final = [house for house in HOUSES if heard_by(house)]


def producers_heard_by(house: str) -> dict[str, str]:
    if house not in LISTENERS:
        return {}
    return dict(import_module(f"{package_of(house)}.consumers").CONSUMERS.producers)


def test_each_event_has_one_house_that_says_it() -> None:
    said = [type for house in HOUSES for type in said_by(house)]

    assert len(said) == len(set(said))


@pytest.mark.parametrize("house", LISTENERS)
def test_a_listener_believes_the_house_that_says_the_event(house: str) -> None:
    believed = producers_heard_by(house)

    assert believed
    for type, producer in believed.items():
        assert type in said_by(producer), f"{house} hears {type} from {producer}"


class Listening(InProcessTransport):
    """Remembers how each event would be handed to the worker that asked for it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.hand: dict[str, Handle] = {}

    async def subscribe(self, service: str, types: Sequence[str], handle: Handle) -> None:
        self.hand |= dict.fromkeys(types, handle)
        self.asked.set()


@pytest.mark.parametrize("house", LISTENERS)
async def test_a_worker_takes_nothing_that_its_producer_has_not_signed(
    house: str, tmp_path: Path
) -> None:
    """As it is put together to run: unsigned, and signed by each house that may not say it."""
    ensure_development_keys(tmp_path)
    settings = getattr(
        import_module(f"{package_of(house)}.settings"), f"{house.capitalize()}Settings"
    )(
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'none.sqlite'}",
        keys_dir=tmp_path / "keys",
        var_dir=tmp_path,
    )
    transport, stop = Listening(), asyncio.Event()
    database = Database.open(settings.database_url)
    worker = import_module(f"{package_of(house)}.worker").create_worker(
        settings, transport=transport, database=database
    )
    running = asyncio.create_task(worker.run(stop))
    await asyncio.wait_for(transport.asked.wait(), 30)

    for type, producer in producers_heard_by(house).items():
        with pytest.raises(NotProved, match="not signed"):
            await transport.hand[type](Delivery(type=type, body=b"{}", attempt=1))
        for other in INTERNAL_ISSUERS:
            signer = EventSigner.from_directory(other, tmp_path / "keys" / "internal")
            said = Delivery(type=type, body=b"{}", attempt=1, signature=signer.sign(type, b"{}"))
            refused = Unprocessable if other == producer else NotProved
            with pytest.raises(refused, match="cannot be read" if other == producer else None):
                await transport.hand[type](said)
    stop.set()
    await running
    await database.close()


def test_every_house_that_speaks_has_a_key() -> None:
    assert {house for house in HOUSES if said_by(house)} <= set(INTERNAL_ISSUERS)


@pytest.mark.parametrize("house", HOUSES)
def test_a_cluster_gives_each_house_its_own_key_and_the_public_ones_it_checks_with(
    house: str,
) -> None:
    callers = import_module(f"{package_of(house)}.callers").CALLERS if house in SERVICES else {}
    others = {*producers_heard_by(house).values(), *callers}
    wanted = {f"internal/{house}.key.pem", *(f"internal/{other}.pub.pem" for other in others)}

    document = yaml.safe_load((BASE / house / "kustomization.yaml").read_text("utf-8"))
    mounted = {
        item["path"]
        for operation in yaml.safe_load(document["patches"][0]["patch"])
        if isinstance(operation["value"], dict)
        for item in operation["value"]["items"]
    }
    assert {path for path in mounted if path.startswith("internal/")} == wanted
