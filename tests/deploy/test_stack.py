"""Each program of a stack is told its own secrets and nobody else's; two stacks never meet."""

import os
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from deploy import local_services
from deploy.commands.houses import HOUSES
from deploy.processes import Started, remember
from deploy.stack import BANK, PORTS_PER_STACK, Stack


def stack(base_port: int = 8400, prefix: str = "lephi") -> Stack:
    return Stack(
        base_port=base_port,
        prefix=prefix,
        var_dir=Path("/somewhere/var"),
        postgres_url="postgresql+asyncpg://postgres:admin@127.0.0.1:5432/postgres",
        rabbitmq_url="amqp://guest:guest@127.0.0.1:5672/",
        passwords={house: f"secret-of-{house}" for house in HOUSES},
    )


@pytest.mark.parametrize("house", HOUSES)
def test_a_house_gets_its_own_database_role_and_password(house: str) -> None:
    url = make_url(stack(prefix="trial").database_url(house))

    assert (url.username, url.database) == (f"trial_{house}", f"trial_{house}")
    assert url.password == f"secret-of-{house}"


@pytest.mark.parametrize("name", [*HOUSES, BANK])
def test_a_program_is_not_told_the_secrets_of_another(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for house in HOUSES:
        monkeypatch.setenv(f"{house.upper()}_SMTP_PASSWORD", f"typed-for-{house}")

    monkeypatch.setenv("LEPHI_POSTGRES_URL", stack().postgres_url)

    told = "\n".join(stack().environment_of(name).values())

    others = [house for house in HOUSES if house != name]
    assert [house for house in others if f"secret-of-{house}" in told] == []
    assert [house for house in others if f"typed-for-{house}" in told] == []
    assert "admin@" not in told


def test_what_the_caller_sets_beyond_the_stack_reaches_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOTIFICATION_SMTP_PORT", "2525")
    monkeypatch.setenv("NOTIFICATION_DATABASE_URL", "sqlite+aiosqlite:///elsewhere")

    environment = stack().environment_of("notification")

    assert environment["NOTIFICATION_SMTP_PORT"] == "2525"
    # What the stack decides stays decided: a forgotten export must not point at another's data.
    assert environment["NOTIFICATION_DATABASE_URL"] == stack().database_url("notification")


def test_every_program_listens_on_a_port_of_its_own_within_the_stack() -> None:
    ports = [stack(9000).port(name) for name in (*HOUSES, BANK)]

    assert len(set(ports)) == len(ports)
    assert all(9000 <= port < 9000 + PORTS_PER_STACK for port in ports)
    assert stack().port("gateway") == 8400
    assert stack().port(BANK) == 8409


@pytest.mark.parametrize("prefix", ["", "Lephi", "le phi", 'x"; DROP ROLE y', "1st", "a" * 40])
def test_a_prefix_that_is_no_name_is_refused_before_anything_starts(
    prefix: str, tmp_path: Path
) -> None:
    with pytest.raises(local_services.NotStarted, match="prefix"):
        local_services.up(prefix=prefix, var_dir=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_platform_that_is_up_is_not_started_over(tmp_path: Path) -> None:
    here = Started.of(os.getpid(), "gateway")
    remember(tmp_path / "run" / "platform.json", [here], base_port=8400)

    with pytest.raises(local_services.NotStarted, match="make down"):
        local_services.up(var_dir=tmp_path)


def test_down_where_nothing_is_up_says_so(tmp_path: Path) -> None:
    said: list[str] = []

    local_services.down(tmp_path, say=said.append)

    assert said == ["stopped: nothing was running"]
