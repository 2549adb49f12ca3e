"""One house may say each event; whoever hears it believes that house and no other."""

from importlib import import_module
from pathlib import Path
from typing import Final

import pytest
import yaml

from deploy.commands.houses import HOUSES, SERVICES, package_of
from deploy.development_keys import INTERNAL_ISSUERS
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
