"""Billers at the door, agencies that are published, and the worker's turns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.auth import Caller
from chassis.db import Database
from chassis.sealing import Sealer
from services.payment.domain.bills.agency import Agency
from services.payment.domain.intents.payment_intent import Payee
from services.payment.storage.unit_of_work import SqlReading
from services.payment.use_cases.bills.desk import BillDesk
from services.payment.use_cases.bills.keep_agency import keep_agency
from services.payment.use_cases.bills.work_on_batches import work_on_batches
from tests.payment.api.conftest import OpenDoor
from tests.payment.samples import NOON, PAYEE, new_id
from tests.payment.world import SqlWorld

OPEN = frozenset({"payment.open", "payment.read"})
SCHOOL = Caller(
    subject="school", kind="client", client_id="school", scopes=OPEN, evidence_id="evidence-1"
)
HOSPITAL = Caller(
    subject="hospital", kind="client", client_id="hospital", scopes=OPEN, evidence_id="evidence-2"
)
AGENCY, OTHER_AGENCY = "H19.25", "H19.31"
INTENTS, BATCHES = "/v1/payment-intents", "/v1/bill-batches"
DUE = "2026-12-31T17:00:00+00:00"
PAYER_NAME = "Trần Thị Bảo Ngọc"


def bill_line(amount: int = 100_000, **changes: Any) -> dict[str, Any]:
    return {
        "line_code": "HP-01",
        "name": "Học phí tháng 11",
        "kind": "phi",
        "amount": {"amount": amount, "currency": "VND"},
        "legal_basis": "NQ 12/2026/NQ-HĐND",
        **changes,
    }


def bill_body(reference: str = "HP-0001", **changes: Any) -> dict[str, Any]:
    return {
        "reference": reference,
        "agency_code": AGENCY,
        "lines": [bill_line()],
        "payer": {"full_name": PAYER_NAME, "identity_number": "075188012345"},
        "due_at": DUE,
        **changes,
    }


COLUMNS = [
    "reference",
    "agency_code",
    "due_at",
    "payer_name",
    "line_code",
    "line_name",
    "kind",
    "amount",
    "legal_basis",
]


def row(reference: str, **changes: str) -> list[str]:
    said = {
        "reference": reference,
        "agency_code": AGENCY,
        "due_at": "31/12/2026",
        "payer_name": PAYER_NAME,
        "line_code": "HP-01",
        "line_name": "Học phí tháng 11",
        "kind": "phi",
        "amount": "100000",
        "legal_basis": "NQ 12/2026/NQ-HĐND",
    } | changes
    return [said[name] for name in COLUMNS]


def csv_file(*rows: list[str] | str, header: str = ",".join(COLUMNS), end: str = "\n") -> bytes:
    """Rows as they are; a text is a line of the file as it stands."""
    lines = [header, *(one if isinstance(one, str) else ",".join(one) for one in rows)]
    return (end.join(lines) + end).encode()


class Billers:
    """The door as billers use it, and the worker behind it."""

    def __init__(self, world: SqlWorld, http: httpx.AsyncClient, mint: Any, desk: BillDesk) -> None:
        self.world = world
        self._http = http
        self._mint = mint
        self._desk = desk

    async def get(self, target: str, caller: Caller = SCHOOL) -> httpx.Response:
        return await self._send("GET", target, caller)

    async def open(
        self, body: dict[str, Any], *, key: str = "key-00000001", caller: Caller = SCHOOL
    ) -> httpx.Response:
        return await self._send("POST", INTENTS, caller, httpx_json(body), {"idempotency-key": key})

    async def send_file(
        self,
        raw: bytes,
        *,
        key: str = "file-0000001",
        caller: Caller = SCHOOL,
        media_type: str = "text/csv",
    ) -> httpx.Response:
        headers = {"idempotency-key": key, "content-type": media_type}
        return await self._send("POST", BATCHES, caller, raw, headers)

    async def post(self, target: str, caller: Caller = SCHOOL) -> httpx.Response:
        return await self._send("POST", target, caller, b"", {"idempotency-key": "cancel-00001"})

    async def turn(self) -> bool:
        return await work_on_batches(
            uow=self.world.uow(),
            open_reading=lambda: SqlReading(self.world.database),
            desk=self._desk,
        )

    async def work(self) -> None:
        while await self.turn():
            continue

    async def done(self, raw: bytes, **sent: Any) -> dict[str, Any]:
        """A file sent and worked on, as its batch stands then."""
        batch: dict[str, Any] = (await self.send_file(raw, **sent)).json()
        await self.work()
        return (await self.get(f"{BATCHES}/{batch['id']}")).json()  # type: ignore[no-any-return]

    async def results(self, batch: dict[str, Any]) -> list[dict[str, Any]]:
        page = (await self.get(f"{BATCHES}/{batch['id']}/lines?limit=100")).json()
        return page["items"]  # type: ignore[no-any-return]

    async def _send(
        self,
        method: str,
        target: str,
        caller: Caller,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        token = self._mint(
            audience="payment", method=method, target=target, body=body, caller=caller
        )
        given = {"content-type": "application/json", **(headers or {})}
        return await self._http.request(
            method, target, content=body, headers={"authorization": f"Bearer {token}", **given}
        )


def httpx_json(body: dict[str, Any]) -> bytes:
    return httpx.Request("POST", "http://any", json=body).content


@pytest.fixture
async def billers(database: Database, keys_dir: Path) -> AsyncIterator[Billers]:
    async with open_billers(database, keys_dir) as opened:
        yield opened


@asynccontextmanager
async def open_billers(database: Database, keys_dir: Path) -> AsyncIterator[Billers]:
    world = SqlWorld(database)
    for code, name in ((AGENCY, "Trường THPT Chuyên Lương Thế Vinh"), (OTHER_AGENCY, "Sở Y tế")):
        agency = Agency(
            code=code,
            name=name,
            payee=PAYEE
            if code == AGENCY
            else Payee(bank_bin="970436", account_number="0011004000222", account_name="SO Y TE"),
            valid_from=date(2026, 1, 1),
            valid_to=None,
        )
        await keep_agency(agency, published_at=NOON, caused_by=new_id(), uow=world.uow())
    seals = Sealer.from_directory(keys_dir / "sealing")
    desk = BillDesk(seals=seals, clock=world.clock, ids=world.ids, provider="sandbox")
    async with OpenDoor(world, keys_dir) as door:
        yield Billers(world, door._http, door._minter.mint, desk)
