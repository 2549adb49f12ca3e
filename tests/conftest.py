"""Fixtures for every test: a database of each kind, a broker, and an honest report."""

from pathlib import Path

import pytest

from tests.servers import TestServers

SERVERS = pytest.StashKey[TestServers]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVERS] = run = TestServers()
    if config.getoption("numprocesses", None):
        # The process that hands out tests must own private servers: it is the last to leave.
        run.find()


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVERS in config.stash:
        config.stash[SERVERS].clean_up()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    run = terminalreporter.config.stash[SERVERS]
    if run.not_run:
        terminalreporter.section("NOT RUN: no servers", sep="!", red=True, bold=True)
        terminalreporter.write_line(run.why_not or "")
        for name in run.not_run:
            terminalreporter.write_line(f"  not run: {name}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: every test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite'}"
    return _postgresql(request)


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest) -> str:
    """An empty PostgreSQL database, for what SQLite cannot show: rows locked by others."""
    return _postgresql(request)


@pytest.fixture
def broker_url(request: pytest.FixtureRequest) -> str:
    return request.config.stash[SERVERS].demand(request.node.nodeid).rabbitmq_url


def _postgresql(request: pytest.FixtureRequest) -> str:
    run = request.config.stash[SERVERS]
    return run.empty_database(run.demand(request.node.nodeid))
