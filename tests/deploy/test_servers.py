"""Servers are found where they are; nobody is told "it does not work" without what to do."""

from pathlib import Path

import pytest

from deploy import servers
from deploy.servers import finding, packages, private_postgres, private_rabbitmq
from deploy.servers.private import CannotStart
from deploy.servers.reach import why_no_postgres, why_no_rabbitmq

NOWHERE = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEPHI_POSTGRES_URL", "LEPHI_RABBITMQ_URL", "LEPHI_SERVERS"):
        monkeypatch.delenv(name, raising=False)


def test_a_port_where_nobody_listens_is_not_a_server() -> None:
    assert why_no_postgres(f"postgresql+asyncpg://postgres@{NOWHERE}/postgres")
    assert why_no_rabbitmq(f"amqp://guest:guest@{NOWHERE}/")


@pytest.mark.integration
def test_an_open_port_that_does_not_know_us_is_not_a_server_for_us(broker_url: str) -> None:
    stranger = broker_url.replace("://", "://nobody-").replace(":guest@", ":wrong@")
    assert why_no_rabbitmq(broker_url) is None
    assert why_no_rabbitmq(stranger)


@pytest.mark.integration
def test_a_database_that_serves_us_is_taken_as_it_is(postgresql_url: str) -> None:
    assert why_no_postgres(postgresql_url) is None


def test_a_configured_server_that_does_not_answer_is_said_and_not_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Falling back would write the data somewhere nobody meant."""
    monkeypatch.setenv("LEPHI_POSTGRES_URL", f"postgresql+asyncpg://lephi@{NOWHERE}/postgres")

    with pytest.raises(servers.ServersUnavailable, match="LEPHI_POSTGRES_URL"):
        servers.ensure(tmp_path, say=lambda _: None)


def test_where_nothing_is_installed_the_reader_learns_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nothing_installed() -> None:
        raise CannotStart("no PostgreSQL 15 or later is installed", needs_package=True)

    monkeypatch.setenv("LEPHI_SERVERS", "private")
    monkeypatch.setattr(private_postgres, "_binaries", nothing_installed)
    monkeypatch.setattr(packages, "can_install", lambda: False)

    with pytest.raises(servers.ServersUnavailable) as refusal:
        servers.ensure(tmp_path, say=lambda _: None)

    assert "apt-get install postgresql" in str(refusal.value)
    assert "LEPHI_POSTGRES_URL" in str(refusal.value)


def test_as_root_on_debian_what_is_missing_is_installed_and_then_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed: list[str] = []

    def start(_: Path) -> str:
        if not installed:
            raise CannotStart("nothing here", needs_package=True)
        return f"postgresql+asyncpg://postgres@{NOWHERE}/postgres"

    monkeypatch.setenv("LEPHI_SERVERS", "private")
    monkeypatch.setattr(packages, "can_install", lambda: True)
    monkeypatch.setattr(packages, "install", installed.append)
    kind = finding.Kind(
        name="PostgreSQL",
        variable="LEPHI_POSTGRES_URL",
        standard=finding.STANDARD_POSTGRES,
        package="postgresql",
        why_not=lambda _: "not asked",
        start=start,
        running=lambda _: None,
        stop=lambda _: False,
    )

    url, is_new = finding._ensure(kind, tmp_path, lambda _: None)

    assert installed == ["postgresql"]
    assert (url, is_new) == (f"postgresql+asyncpg://postgres@{NOWHERE}/postgres", True)


def test_a_server_that_cannot_run_is_not_taken_for_one_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(_: Path) -> str:
        raise CannotStart("RabbitMQ ended at once: disk full")

    def installs(*_: str) -> None:
        raise AssertionError("a package was installed for nothing")

    monkeypatch.setattr(packages, "can_install", lambda: True)
    monkeypatch.setattr(packages, "install", installs)
    kind = finding.Kind(
        name="RabbitMQ",
        variable="LEPHI_RABBITMQ_URL",
        standard=finding.STANDARD_RABBITMQ,
        package="rabbitmq-server",
        why_not=lambda _: "nobody listens",
        start=broken,
        running=lambda _: None,
        stop=lambda _: False,
    )

    with pytest.raises(servers.ServersUnavailable, match="disk full"):
        finding._ensure(kind, tmp_path, lambda _: None)


def test_nothing_is_running_where_nothing_was_started(tmp_path: Path) -> None:
    assert private_postgres.running(tmp_path) is None
    assert private_rabbitmq.running(tmp_path) is None
    servers.stop(tmp_path / "never", say=lambda _: None)
