"""The outside issuers of receipts, played: each speaks its own protocol at `/issuers/<name>`.

They share the secrets of the registrations, as the real ones do, and nothing else with us.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, Field

from chassis.clock import Clock, SystemClock
from chassis.ids import Ids, SystemIds
from deploy.sandbox_issuers.behaviour import Behaviour, Mode
from deploy.sandbox_issuers.book import Book
from deploy.sandbox_issuers.desk import Desk, Player
from deploy.sandbox_issuers.viettel import Viettel
from deploy.sandbox_issuers.vnpt import Vnpt

# By the kind of issuer that it plays. A new one is a file beside this and a line in it.
PLAYERS: Final[Mapping[str, Callable[[Desk], Player]]] = {"viettel": Viettel, "vnpt": Vnpt}


class BehaviourBody(BaseModel):
    mode: Mode
    operation: str = Field(default="", max_length=40)
    times: int = Field(default=1, ge=1, le=10_000)
    code: str = Field(default="5", max_length=60)
    seconds: float = Field(default=1.0, ge=0, le=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The app, and what each issuer in it works with."""

    app: FastAPI
    desks: Mapping[str, Desk]


def play_issuers(
    *,
    keys_dir: Path,
    book_path: Path | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> Played:
    book, now_by = Book(book_path), clock or SystemClock()
    drawn_by = ids or SystemIds(now_by)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        book.close()

    app = FastAPI(title="Sandbox issuers", lifespan=lifespan)
    desks: dict[str, Desk] = {}
    for path in sorted((keys_dir / "receipt-issuers").glob("*.json")):
        said = json.loads(path.read_text("utf-8"))
        play = PLAYERS.get(said.get("kind", path.stem))
        if play is None or said.get("url"):
            continue
        desk = Desk(
            name=path.stem,
            facts=said.get("facts", {}),
            secrets=said.get("secrets", {}),
            book=book,
            clock=now_by,
            ids=drawn_by,
        )
        desks[desk.name] = desk
        app.include_router(play(desk).router(), prefix=f"/issuers/{desk.name}")
        app.include_router(_controls(desk), prefix=f"/issuers/{desk.name}/sandbox")
    return Played(app=app, desks=desks)


def _controls(desk: Desk) -> APIRouter:
    """How a person, or a test, makes a played issuer do something."""
    router = APIRouter()

    @router.post("/behaviour")
    async def behave(body: BehaviourBody) -> dict[str, Any]:
        """For the next requests; `normal` forgets what it was told before."""
        desk.manners.tell(Behaviour(**body.model_dump()))
        return body.model_dump()

    @router.get("/receipts")
    async def list_receipts() -> list[dict[str, Any]]:
        """The latest first; who paid stands in their files alone."""
        return [
            {
                "key": one.key,
                "form": one.form,
                "symbol": one.symbol,
                "number": one.number,
                "amount": one.amount,
                "state": one.state,
            }
            for one in desk.book.list_of(desk.name)
        ]

    return router
