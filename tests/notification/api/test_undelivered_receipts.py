from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.auth import Caller, TokenMinter
from chassis.db import Database
from chassis.testing import FakeIds, FrozenClock
from services.notification.domain.message import Message, MessageState
from services.notification.main import create_app
from services.notification.settings import NotificationSettings
from services.notification.storage.letter_records import SqlLetterRecords
from services.notification.storage.unit_of_work import SqlUnitOfWork
from services.notification.use_cases.list_undelivered import LATE_AFTER, count_undelivered
from tests.notification.samples import FACTS, NOON

UNDELIVERED = "/v1/undelivered-receipts"
OPERATOR = Caller(
    subject="operator",
    kind="user",
    scopes=frozenset({"message.read"}),
    roles=frozenset({"operator"}),
    agencies=frozenset({"*"}),
)
LATER = FrozenClock(NOON + LATE_AFTER + timedelta(seconds=1))


class Desk:
    def __init__(self, http: httpx.AsyncClient, minter: TokenMinter) -> None:
        self._http = http
        self._minter = minter

    async def get(self, target: str, caller: Caller = OPERATOR) -> httpx.Response:
        token = self._minter.mint(
            audience="notification", method="GET", target=target, body=b"", caller=caller
        )
        return await self._http.get(target, headers={"authorization": f"Bearer {token}"})


@pytest.fixture
async def desk(database: Database, keys_dir: Path) -> AsyncIterator[Desk]:
    settings = NotificationSettings(database_url="unused", keys_dir=keys_dir)
    app = create_app(settings, database=database, clock=LATER, ids=FakeIds())
    minter = TokenMinter.from_directory(
        "gateway", keys_dir / "internal", clock=LATER, ids=FakeIds()
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notification") as http:
        yield Desk(http, minter)


async def keep(database: Database, number: int, **changes: Any) -> None:
    facts = replace(FACTS, receipt_id=UUID(int=number))
    letter = Message.about_receipt(facts, id=UUID(int=number), recipient_sealed="s1", at=NOON)
    async with SqlUnitOfWork(database, clock=LATER, ids=FakeIds()) as uow:
        await uow.messages.add_once(replace(letter, **changes))


@pytest.fixture
async def letters(database: Database) -> None:
    """Two that failed, one that waits too long, one that waits, one that arrived."""
    done = {"finished_at": NOON, "attempts": 5}
    await keep(database, 1, state=MessageState.FAILED, reason="smtp_550", **done)
    await keep(database, 2, state=MessageState.SENT, **done)
    await keep(database, 3)
    await keep(database, 4, created_at=LATER.now())
    await keep(database, 5, state=MessageState.FAILED, reason="smtp_550", **done)


@pytest.mark.usefixtures("letters")
async def test_operators_list_the_receipts_whose_letter_did_not_arrive(desk: Desk) -> None:
    first = (await desk.get(f"{UNDELIVERED}?limit=2")).json()
    rest = (await desk.get(f"{UNDELIVERED}?limit=2&cursor={first['next_cursor']}")).json()

    shown = [(UUID(one["id"]).int, one["state"]) for one in first["items"] + rest["items"]]
    assert shown == [(5, "failed"), (3, "queued"), (1, "failed")]
    assert rest["next_cursor"] is None
    # The code opens the receipt, so it is not told to whoever only sees to letters.
    assert FACTS.lookup_code not in str(first)


@pytest.mark.usefixtures("letters")
async def test_they_are_counted(database: Database) -> None:
    counted = await count_undelivered(letters=SqlLetterRecords(database), clock=LATER)

    assert (counted.failed, counted.late) == (2, 1)


@pytest.mark.parametrize(
    "caller",
    [
        replace(OPERATOR, roles=frozenset()),
        replace(OPERATOR, scopes=frozenset()),
        Caller(subject="portal", kind="client", client_id="portal"),
    ],
)
async def test_nobody_else_sees_them(desk: Desk, caller: Caller) -> None:
    assert (await desk.get(UNDELIVERED, caller)).status_code == 403
