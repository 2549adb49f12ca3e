"""What is written in contracts/ is what the code does; every event said or heard has its schema."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest
import yaml

from chassis.events import Envelope, EventData
from deploy.commands.houses import HOUSES, package_of
from deploy.contracts import CONTRACTS, asyncapi, documents
from deploy.event_table import all_types, events_of, heard_by, said_by
from gateway.domain.confirming.proof import PROOF_RULES

EVENTS: Final = CONTRACTS / "events"
Model = type[EventData]
Class: Final = type


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    return dict(documents())


def schema_of(type: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((EVENTS / f"{type}.json").read_text("utf-8"))
    return schema


def test_the_generated_documents_are_the_ones_in_the_repository(
    generated: dict[Path, str],
) -> None:
    drifted = [
        str(path.relative_to(CONTRACTS))
        for path, text in generated.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    assert drifted == [], "make contracts"


def test_no_document_is_left_over_from_a_service_that_is_gone(generated: dict[Path, str]) -> None:
    kept = set((CONTRACTS / "openapi").glob("*.json"))
    assert kept == {path for path in generated if path.parent.name == "openapi"}


def test_every_event_has_a_schema_and_every_schema_an_event() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == set(all_types())


def test_every_event_is_said_by_exactly_one_house() -> None:
    sayers = {type: [house for house in HOUSES if type in said_by(house)] for type in all_types()}
    assert {type: houses for type, houses in sayers.items() if len(houses) != 1} == {}


@pytest.mark.parametrize("type", all_types())
def test_the_schema_accepts_its_own_example(type: str) -> None:
    schema = schema_of(type)
    examples = schema["examples"]
    assert examples
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    for example in examples:
        validator.validate(example)
        assert example["type"] == type


@pytest.mark.parametrize(
    ("house", "type"), [(house, type) for house in HOUSES for type in said_by(house)]
)
def test_what_the_producer_says_fits_the_schema(house: str, type: str) -> None:
    """The example is read by the producer's own model, said again, and must still fit."""
    model = events_of(house)[type]
    schema = schema_of(type)
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    for example in schema["examples"]:
        data = model.model_validate(example["data"])
        envelope = Envelope[EventData].model_validate({**example, "data": data})
        said = json.loads(envelope.to_bytes())
        validator.validate(said)
        assert said["data"].keys() == example["data"].keys()


@pytest.mark.parametrize(
    ("house", "type"), [(house, type) for house in HOUSES for type in heard_by(house)]
)
def test_every_consumer_can_read_the_example(house: str, type: str) -> None:
    consumers = import_module(f"{package_of(house)}.consumers").CONSUMERS
    model = consumers._table[type].model
    for example in schema_of(type)["examples"]:
        event = model.model_validate_json(json.dumps(example))
        assert event.type == type


@pytest.mark.parametrize("type", all_types())
def test_personal_data_travels_sealed_only(type: str) -> None:
    open_names = {"full_name", "identity_number", "email", "phone", "address"}
    # An agency's address and telephone are public.
    if type.startswith("agency."):
        open_names -= {"address", "phone"}
    for example in schema_of(type)["examples"]:
        assert open_names.isdisjoint(names_in(example["data"])), type


def test_the_contract_names_every_way_to_prove_a_confirmation() -> None:
    data = schema_of("payment_intent.confirmed.v1")["properties"]["data"]
    told = set(data["properties"]["assurance"]["enum"])

    assert told == {rule.assurance for rule in PROOF_RULES.values()}


def test_the_asyncapi_document_names_schemas_that_exist() -> None:
    document = yaml.safe_load((CONTRACTS / "asyncapi.yaml").read_text("utf-8"))
    assert document == asyncapi()
    for channel in document["channels"].values():
        assert (CONTRACTS / channel["messages"]["event"]["payload"]["$ref"]).exists()


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for inner in value.values() for name in names_in(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in names_in(inner)}
    return set()
