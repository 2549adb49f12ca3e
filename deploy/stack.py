"""One platform on this machine: its ports, its names, and what each of its programs is told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from deploy.commands.houses import HOUSES, SERVICES

BANK: Final = "bank"
BANK_PORT_OFFSET: Final = 9
PORTS_PER_STACK: Final = 10
HOST: Final = "127.0.0.1"
# Six APIs and six workers share one server's connections.
POOL_SIZE: Final = 5
CONTRACTS: Final = Path(__file__).parents[1] / "contracts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """`prefix` names databases, roles and queues: two prefixes never meet."""

    base_port: int
    prefix: str
    var_dir: Path
    postgres_url: str
    rabbitmq_url: str
    passwords: Mapping[str, str]
    # Variables of the houses beyond those that follow from the above.
    extra: Mapping[str, str] = field(default_factory=dict)

    def port(self, name: str) -> int:
        offset = BANK_PORT_OFFSET if name == BANK else HOUSES.index(name)
        return self.base_port + offset

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.port(name)}"

    def role(self, house: str) -> str:
        """The role's name, and the name of the only database it owns."""
        return f"{self.prefix}_{house}"

    def database_url(self, house: str) -> str:
        mine = make_url(self.postgres_url).set(
            username=self.role(house), password=self.passwords[house], database=self.role(house)
        )
        return mine.render_as_string(hide_password=False)

    def variables(self) -> dict[str, str]:
        """What the programs are told, all of it: each reads only what bears its own prefix."""
        told: dict[str, str] = {}
        for house in HOUSES:
            told |= {f"{house.upper()}_{name}": value for name, value in self._common(house)}
        told |= {f"GATEWAY_{name.upper()}_URL": self.url(name) for name in SERVICES}
        return told | {
            "GATEWAY_OPENAPI_DIR": str(CONTRACTS / "openapi"),
            "NOTIFICATION_RECEIPT_URL": self.url("receipt"),
            # The portal of a developer listens on this machine; a province's does not.
            "NOTIFICATION_ALLOW_PRIVATE_WEBHOOKS": "true",
            "PAYMENT_SANDBOX_BANK_URL": self.url(BANK),
            **self.extra,
        }

    def environment_of(self, name: str) -> dict[str, str]:
        """A program hears what is meant for it, and not the others' passwords."""
        others = ("LEPHI_", *(f"{house.upper()}_" for house in HOUSES if house != name))
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(others)}
        own = {key: value for key, value in self.variables().items() if not key.startswith(others)}
        return inherited | own

    def _common(self, house: str) -> list[tuple[str, str]]:
        return [
            ("DATABASE_URL", self.database_url(house)),
            ("DATABASE_POOL_SIZE", str(POOL_SIZE)),
            ("BROKER_URL", self.rabbitmq_url),
            ("BROKER_PREFIX", self.prefix),
            ("KEYS_DIR", str(self.var_dir / "keys")),
            ("VAR_DIR", str(self.var_dir)),
            ("PUBLIC_ORIGIN", self.url("gateway")),
        ]
