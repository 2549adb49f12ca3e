"""The databases and the broker of a test run: asked for once, cleaned up once."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy.engine import make_url

from chassis.ids import SystemIds
from deploy import servers
from deploy.servers.reach import apart, connect, execute

IN_CI: Final = os.environ.get("CI", "").lower() in {"1", "true"}
VAR_DIR: Final = Path(os.environ.get("LEPHI_VAR_DIR", "var"))


@dataclass
class TestServers:
    """What this run found, made and could not have."""

    __test__ = False
    run: str = field(default_factory=lambda: SystemIds().new().hex[-8:])
    why_not: str | None = None
    not_run: list[str] = field(default_factory=list)
    _found: servers.Servers | None = None
    _database: str | None = None

    def find(self) -> servers.Servers | None:
        """The servers, looked for once in a run; None when there are none, with `why_not`."""
        if self._found is None and self.why_not is None:
            try:
                self._found = servers.ensure(VAR_DIR, say=lambda _: None)
            except servers.ServersUnavailable as error:
                self.why_not = str(error)
        return self._found

    def demand(self, name: str) -> servers.Servers:
        """The servers, or the test of this name does not run: said loudly, and a failure in CI."""
        found = self.find()
        if found is None:
            self.not_run.append(name)
            if IN_CI:
                pytest.fail(f"In CI every test must run. {self.why_not}", pytrace=False)
            pytest.skip("no servers; see the summary")
        return found

    def empty_database(self, found: servers.Servers) -> str:
        """The run's one database, without a table in it and without anybody connected to it."""
        url = make_url(found.postgres_url)
        if self._database is None:
            self._database = f"lephi_test_{self.run}"
            apart(lambda: execute(found.postgres_url, f'CREATE DATABASE "{self._database}"'))
        mine = url.set(database=self._database).render_as_string(hide_password=False)
        apart(lambda: _empty(mine))
        return mine

    def clean_up(self) -> None:
        found = self._found
        if found is None:
            return
        if self._database is not None:
            drop = f'DROP DATABASE IF EXISTS "{self._database}" WITH (FORCE)'
            apart(lambda: execute(found.postgres_url, drop))
        if found.started:
            servers.stop(VAR_DIR, say=lambda _: None)


async def _empty(url: str) -> None:
    connection = await connect(url)
    try:
        # A test that left a transaction open must not make the next one wait for ever.
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await connection.execute("DROP SCHEMA public CASCADE")
        await connection.execute("CREATE SCHEMA public")
    finally:
        await connection.close()
