from collections.abc import Iterator

import pytest

from tests.conftest import SERVERS
from tests.e2e.stage import Stage, raise_stage


@pytest.fixture(scope="session")
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """The services as processes, on PostgreSQL and RabbitMQ; one platform for the whole run."""
    run = request.config.stash[SERVERS]
    found = run.demand("tests/e2e (services)")
    var_dir = tmp_path_factory.mktemp("services")
    with raise_stage(var_dir, prefix=f"lephi_e2e_{run.run}", found=found) as raised:
        yield raised
