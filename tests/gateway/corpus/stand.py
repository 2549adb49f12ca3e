"""The gateway that is attacked: its valid clients, and two ways in, through the app and past it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import func, select

from chassis.db import Database
from chassis.errors import Refused
from chassis.keys import load_private_key, public_jwk, thumbprint
from chassis.message_signatures import CALLBACK, FEE_REQUEST, READ, Shape
from gateway.domain.machines.client import Algorithm, Client, ClientClass, ClientKey, KeyState
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.traffic.limits import Limit, Traffic
from gateway.routes.doors import Doors
from gateway.routes.edge import Passage
from gateway.routes.headers import read_headers
from gateway.routes.route import RouteTable
from gateway.storage.evidence.tables import EVIDENCE
from gateway.storage.machines.tables import NONCE
from tests.gateway.corpus.recipe import Recipe, Wire
from tests.gateway.world import DOSSIER, World, make_world, settings_for

# A flood from one place is refused for being one, which would prove nothing here.
UNLIMITED: Final = {kind: Limit(burst=10**9, per_second=1e9) for kind in Traffic}
NOTICE: Final = b'{"notice_id":"n-1","amount":150000,"currency":"VND","outcome":"succeeded"}'
NOTICES: Final = "/v1/provider-notifications/sandbox"
OTHER_PORTAL: Final = "portal-other"


@dataclass(frozen=True, slots=True)
class Stand:
    world: World
    keys: Mapping[str, Any]
    doors: Doors
    table: RouteTable

    def recipes(self) -> dict[str, Recipe]:
        """One valid request of each class."""
        return {
            "fee": self._recipe(
                "portal-demo", FEE_REQUEST, "POST", "/v1/dossiers", DOSSIER,
                headers=(("content-type", "application/json"), ("idempotency-key", "order-0001")),
            ),
            "callback": self._recipe(
                "bank-sandbox", CALLBACK, "POST", NOTICES, NOTICE,
                headers=(("content-type", "application/json"),),
            ),
            "read": self._recipe("portal-demo", READ, "GET", "/v1/dossiers", b"", headers=()),
        }  # fmt: skip

    def recipe_of(self, client_id: str) -> Recipe:
        recipe = self.recipes()["fee"]
        key = self.keys[client_id]
        name = f'"{thumbprint(key.public_key())}"'
        return replace(recipe, client_id=client_id, key=key).parameter("keyid", name)

    def _recipe(
        self, client_id: str, shape: Shape, method: str, target: str, body: bytes, *, headers: Any
    ) -> Recipe:
        created = int(self.world.clock.now().timestamp())
        key = self.keys[client_id]
        return Recipe(
            method=method,
            target=target,
            body=body,
            client_id=client_id,
            key=key,
            headers=headers,
            components=tuple(f'"{name}"' for name in shape.components),
            parameters=(
                ("created", str(created)),
                ("expires", str(created + 60)),
                ("nonce", '"NONCE"'),
                ("keyid", f'"{thumbprint(key.public_key())}"'),
                ("tag", f'"{shape.tag}"'),
            ),
        )

    async def through_app(self, wire: Wire) -> int:
        """As a server would hand it over, letter by letter: an HTTP client would tidy it first."""
        path, _, query = wire.target.partition("?")
        statuses: list[int] = []
        given = [{"type": "http.request", "body": wire.body, "more_body": False}]

        async def receive() -> Any:
            return given.pop() if given else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": wire.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": _raw(wire),
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8400),
            "state": {},
        }
        await self.world.app(scope, receive, send)
        return statuses[0]

    async def past_app(self, wire: Wire) -> str | None:
        """Matching, headers and door alone, for speed: the code of the refusal, None if let in."""
        found = self.table.find(wire.method, wire.target.partition("?")[0])
        if found is None:
            return "no_such_route"
        try:
            arrival = Arrival(
                method=wire.method,
                target=wire.target,
                headers=read_headers(_raw(wire)),
                body=wire.body,
                received_at=self.world.clock.now(),
            )
            await self.doors.open(found, arrival)
        except Refused as refused:
            return refused.code
        return None

    async def rows(self) -> tuple[int, int]:
        """Nonces used up and evidence kept."""
        async with self.world.database.read() as connection:
            counts = [
                await connection.scalar(select(func.count()).select_from(table))
                for table in (NONCE, EVIDENCE)
            ]
        return counts[0] or 0, counts[1] or 0


@asynccontextmanager
async def open_stand(database_url: str, var_dir: Path) -> AsyncIterator[Stand]:
    settings = settings_for(database_url, var_dir, limits=UNLIMITED)
    database = Database.open(database_url)
    world = await make_world(settings, database)
    keys = {
        name: load_private_key(settings.keys_dir / "clients" / f"{name}.key.pem")
        for name in ("portal-demo", "bank-sandbox")
    }
    other, revoked = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    await _register(world, OTHER_PORTAL, other)
    await _register(world, "portal-demo", revoked, state=KeyState.REVOKED)
    walls: Any = [one for one in world.app.user_middleware if "passage" in one.kwargs]
    passage: Passage = walls[0].kwargs["passage"]
    try:
        yield Stand(
            world,
            {**keys, OTHER_PORTAL: other, "revoked": revoked},
            passage.doors,
            passage.table,
        )
    finally:
        await world.http.aclose()
        await database.close()


async def _register(
    world: World, client_id: str, key: Any, *, state: KeyState = KeyState.ACTIVE
) -> None:
    now = world.clock.now()
    uow = world.app.state.tools.new_uow()
    client = Client(id=client_id, client_class=ClientClass.PORTAL)
    record = ClientKey(
        id=thumbprint(key.public_key()),
        client_id=client_id,
        algorithm=Algorithm.ED25519,
        public_jwk=public_jwk(key.public_key()),
        registered_at=now,
        state=state,
        revoked_at=now if state is KeyState.REVOKED else None,
    )
    async with uow:
        await uow.clients.add_once(client, registered_at=now)
        await uow.clients.add_key_once(record)


def _raw(wire: Wire) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in wire.headers]
