"""What deploy/ says to containers and clusters is true of the code: same houses, same commands."""

import json
import re
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from typer.main import get_command

from chassis.settings import ServiceSettings
from deploy.cli import app
from deploy.commands.houses import HOUSES
from deploy.sandbox_bank.settings import BankSettings

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
BASE: Final = DEPLOY / "kubernetes" / "base"


def documents(path: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(path.read_text("utf-8")) if document]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    (document,) = documents(DEPLOY / "compose.yaml")
    return document


def is_a_command_of_lephi(words: list[str]) -> bool:
    """Every word that is not an option leads to a command, and every option is one it has."""
    command: Any = get_command(app)
    rest = [str(word) for word in words]
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    return command.name is not None and all(
        word in options for word in rest if word.startswith("--")
    )


@pytest.mark.parametrize("house", HOUSES)
def test_compose_runs_an_api_and_a_worker_of_each_house(
    compose: dict[str, Any], house: str
) -> None:
    api, worker = compose["services"][f"{house}-api"], compose["services"][f"{house}-worker"]

    assert api["command"][:2] == ["serve", house]
    assert worker["command"] == ["worker", house]
    assert api["image"] == worker["image"] == f"lephi-{house}"
    assert api["build"]["args"]["SERVICE"] == house
    for service in (api, worker):
        assert is_a_command_of_lephi(service["command"])
        assert service["healthcheck"]["test"]
        assert service["environment"][f"{house.upper()}_DATABASE_URL"].endswith(f"/lephi_{house}")
        assert service["environment"][f"{house.upper()}_BROKER_URL"]


def test_each_container_is_told_only_what_is_meant_for_it(compose: dict[str, Any]) -> None:
    for house in HOUSES:
        for part in ("api", "worker"):
            environment = compose["services"][f"{house}-{part}"]["environment"]
            assert {name.partition("_")[0] for name in environment} == {house.upper()}


def test_whatever_runs_on_and_on_in_compose_can_be_asked_for_its_health(
    compose: dict[str, Any],
) -> None:
    once = {"keys", "prepare"}
    assert {
        name for name, service in compose["services"].items() if "healthcheck" not in service
    } == once
    assert all(service.get("image") for service in compose["services"].values())


def test_compose_opens_only_loopback_ports_and_only_the_public_ones(
    compose: dict[str, Any],
) -> None:
    ports = {
        name: service["ports"]
        for name, service in compose["services"].items()
        if "ports" in service
    }
    assert set(ports) == {"gateway-api", "mail"}
    assert all(port.startswith("127.0.0.1:") for opened in ports.values() for port in opened)


def test_what_compose_waits_for_exists(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), source
            else:
                assert source in compose["volumes"], source


def test_postgres_gets_a_role_and_a_database_for_each_house() -> None:
    script = (DEPLOY / "postgres" / "init.sql").read_text("utf-8")
    created = re.findall(r"CREATE (ROLE|DATABASE) lephi_(\w+)", script)
    assert sorted(created) == sorted((kind, h) for h in HOUSES for kind in ("ROLE", "DATABASE"))
    closed = re.findall(r"REVOKE ALL ON DATABASE lephi_(\w+) FROM PUBLIC", script)
    assert closed == list(HOUSES)


def test_rabbitmq_lets_the_platform_at_its_own_names_only() -> None:
    definitions = json.loads((DEPLOY / "rabbitmq" / "definitions.json").read_text("utf-8"))
    (permission,) = definitions["permissions"]
    for right in ("configure", "write", "read"):
        assert re.match(permission[right], "lephi.payment.dossier.fee_requested.v1")
        assert not re.match(permission[right], "other.events")


def test_the_dockerfile_copies_only_what_exists() -> None:
    text = (DEPLOY / "service.Dockerfile").read_text("utf-8")
    sources = [
        word
        for line in text.splitlines()
        if line.startswith("COPY ")
        for word in line.split()[1:-1]
        if "$" not in word
    ]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_every_resource_a_kustomization_names_is_there() -> None:
    kustomizations = sorted(BASE.rglob("kustomization.yaml"))
    assert {path.parent.name for path in kustomizations} == {*HOUSES, "base", "house"}
    for path in kustomizations:
        (document,) = documents(path)
        for resource in document["resources"]:
            assert (path.parent / resource).exists(), f"{path}: {resource}"


def test_a_house_in_a_cluster_is_an_api_a_worker_a_service_and_a_migration() -> None:
    (kustomization,) = documents(BASE / "house" / "kustomization.yaml")
    parts = [one for name in kustomization["resources"] for one in documents(BASE / "house" / name)]
    by_kind = {(part["kind"], part["metadata"]["name"]): part for part in parts}

    assert set(by_kind) == {
        ("Deployment", "api"),
        ("Deployment", "worker"),
        ("Service", "api"),
        ("Job", "migration"),
    }
    for (kind, _), part in by_kind.items():
        if kind == "Service":
            continue
        pod = part["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        words = [word.replace("$(HOUSE)", "payment") for word in container["args"]]
        assert is_a_command_of_lephi(words), words
        assert container["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted <= {volume["name"] for volume in pod["volumes"]}
    probes = by_kind["Deployment", "api"]["spec"]["template"]["spec"]["containers"][0]
    assert probes["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert probes["livenessProbe"]["httpGet"]["path"] == "/health/live"


@pytest.mark.parametrize("house", HOUSES)
def test_each_house_of_a_cluster_gets_its_own_name_image_and_secrets(house: str) -> None:
    (document,) = documents(BASE / house / "kustomization.yaml")

    assert document["namePrefix"] == f"{house}-"
    assert document["images"] == [{"name": "lephi-house", "newName": f"lephi-{house}"}]
    assert f"HOUSE={house}" in document["configMapGenerator"][0]["literals"]
    (part,) = documents(BASE / "house" / "api.yaml")
    pod = part["spec"]["template"]["spec"]
    for operation in yaml.safe_load(document["patches"][0]["patch"]):
        # "replace" fails where nothing is: the place must exist in the manifest it changes.
        place = operation["path"].removeprefix("/spec/template/spec/").split("/")
        reduce(lambda at, step: at[int(step)] if step.isdigit() else at[step], place, pod)
        assert f"{house}-" in json.dumps(operation["value"])


def test_only_the_gateway_is_open_to_the_outside_of_a_cluster() -> None:
    (policy,) = documents(BASE / "network-policy.yaml")
    (rule,) = policy["spec"]["podSelector"]["matchExpressions"]
    assert (rule["operator"], rule["values"]) == ("NotIn", ["gateway"])


def test_the_example_environment_names_every_variable_that_is_read_and_no_other() -> None:
    tools = {"LEPHI_POSTGRES_URL", "LEPHI_RABBITMQ_URL", "LEPHI_SERVERS", "LEPHI_KEYS_DIR",
             "LEPHI_LOG_LEVEL", "LEPHI_VAR_DIR", "LEPHI_ANCHORS", "CI"}  # fmt: skip
    common = set(ServiceSettings.model_fields)
    read = {f"BANK_{name.upper()}" for name in BankSettings.model_fields}
    for house in HOUSES:
        fields = set(settings_class(house).model_fields)
        shown = fields if house == "gateway" else fields - common | {"database_url", "broker_url"}
        read |= {f"{house.upper()}_{name.upper()}" for name in shown}

    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    named = {line.removeprefix("#").partition("=")[0] for line in lines if "=" in line}

    assert named == read | tools


def test_the_example_environment_can_be_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for line in (ROOT / ".env.example").read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            monkeypatch.setenv(name, value.strip('"'))

    for house in HOUSES:
        told = settings_class(house)()
        assert told.database_url.endswith(f"/lephi_{house}")
        assert told.broker_url.startswith("amqp://")


def settings_class(house: str) -> Any:
    package = house if house == "gateway" else f"services.{house}"
    return getattr(import_module(f"{package}.settings"), f"{house.capitalize()}Settings")
