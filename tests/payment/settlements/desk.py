"""An accountant's desk over a real database: files are loaded, days reconciled and closed."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from chassis.db import Database
from chassis.duties import Reach
from services.payment.domain.intents.bill_reference import plain
from services.payment.domain.settlements.day import SettlementDay
from services.payment.domain.settlements.difference import Difference
from services.payment.domain.settlements.file import FileFormat, SettlementFile
from services.payment.ports.settlements import DifferenceFilter
from services.payment.providers.settlement_files import FileReaders
from services.payment.providers.settlement_files.terms import TermsFolder
from services.payment.storage.intents.tables import PAYMENT_INTENT
from services.payment.storage.settlements.tables import SETTLEMENT_ROW
from services.payment.storage.tables import OUTBOX
from services.payment.storage.unit_of_work import SqlReading
from services.payment.use_cases.settlements.acting import Acting
from services.payment.use_cases.settlements.close_settlement_day import (
    CloseTools,
    close_settlement_day,
)
from services.payment.use_cases.settlements.load_settlement_file import (
    Loaded,
    LoadTools,
    Upload,
    load_settlement_file,
)
from services.payment.use_cases.settlements.reconcile_provider import (
    Reconciled,
    ReconcileTools,
    reconcile_provider,
)
from services.payment.use_cases.settlements.sign_off_difference import sign_off_difference
from tests.payment.samples import FEE, LINES, NOON, PAYEE, new_id, notice_facts
from tests.payment.world import SqlWorld

DAY = date(2026, 11, 23)
LATER = timedelta(days=3)
COLUMNS = (
    "provider_reference",
    "order_reference",
    "bill_reference",
    "amount",
    "currency",
    "fee",
    "status",
    "type",
    "moved_at",
)
Row = dict[str, Any]


class Bytes:
    def __init__(self, raw: bytes, size: int = 65536) -> None:
        self.raw = raw
        self.size = size

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.raw), self.size):
            yield self.raw[start : start + self.size]


def csv_of(rows: Iterable[Mapping[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row_of(reference: str, **changes: Any) -> Row:
    return {
        "provider_reference": reference,
        "order_reference": "",
        "bill_reference": "",
        "amount": FEE.minor_units,
        "currency": "VND",
        "fee": "",
        "status": "succeeded",
        "type": "payment",
        "moved_at": "2026-11-23T12:01:00+07:00",
        **changes,
    }


class Desk:
    def __init__(self, database: Database, keys_dir: Path) -> None:
        self.world = SqlWorld(database)
        # The grace of a day is over.
        self.world.clock.advance(LATER)
        self.terms = TermsFolder(keys_dir)

    async def load(self, raw: bytes, **facts: Any) -> Loaded:
        upload = Upload(
            **{
                "provider": "sandbox",
                "name": "day.csv",
                "source": Bytes(raw),
                "format": FileFormat.CSV,
                "loaded_by": "accountant",
                **facts,
            }
        )
        tools = LoadTools(
            readers=FileReaders(),
            agreements=self.terms,
            uow=self.world.uow(),
            clock=self.world.clock,
            ids=self.world.ids,
        )
        return await load_settlement_file(upload, tools=tools)

    async def load_rows(self, rows: Iterable[Row], **facts: Any) -> SettlementFile:
        return (await self.load(csv_of(rows), **facts)).file

    async def reconcile(self, on: date = DAY) -> Reconciled:
        tools = ReconcileTools(
            agreements=self.terms,
            uow=self.world.uow(),
            clock=self.world.clock,
            ids=self.world.ids,
        )
        return await reconcile_provider("sandbox", on, tools=tools)

    async def close(self, on: date = DAY, by: str = "mai") -> SettlementDay:
        tools = CloseTools(
            agreements=self.terms,
            uow=self.world.uow(),
            clock=self.world.clock,
            ids=self.world.ids,
        )
        return await close_settlement_day("sandbox", on, closed_by=by, tools=tools)

    async def sign_off(self, difference_id: UUID, reason: str = "đã hỏi nhà cung cấp") -> None:
        await sign_off_difference(
            difference_id,
            reason,
            acting=Acting("mai", Reach.everything()),
            uow=self.world.uow(),
            clock=self.world.clock,
            ids=self.world.ids,
        )

    async def paid_and_booked(self, reference: str | None = None) -> str:
        """A payment that came by a notice, so that the ledger has it; its reference."""
        intent = await self.world.confirmed(expires_at=NOON + timedelta(days=30))
        facts = notice_facts(intent.bill_reference)
        if reference is not None:
            facts["provider_reference"] = reference
        verdict = await self.world.notify(facts)
        assert verdict.status == "settled"
        return str(facts["provider_reference"])

    async def payment_of(self, reference: str) -> UUID:
        async with self.world.database.read() as connection:
            paid = select(PAYMENT_INTENT.c.id).where(
                PAYMENT_INTENT.c.provider_reference == reference
            )
            found: UUID = (await connection.execute(paid)).scalar_one()
        return found

    def back_to_noon(self) -> None:
        self.world.clock.advance(-LATER)

    def later(self) -> None:
        self.world.clock.advance(LATER)

    async def balances(self) -> dict[str, int]:
        return await self.world.balances()

    async def said(self, type: str) -> int:
        async with self.world.database.read() as connection:
            rows = await connection.execute(select(OUTBOX.c.type).where(OUTBOX.c.type == type))
            return len(rows.all())

    async def differences(self, **wanted: Any) -> Sequence[Difference]:
        async with SqlReading(self.world.database) as reading:
            return await reading.settlement_differences.list_page(
                DifferenceFilter(**wanted), before=None, limit=100_000
            )

    async def found(self) -> Counter[str]:
        """How many of each kind are open."""
        return Counter(one.kind for one in await self.differences() if one.state == "open")

    async def row_states(self) -> Counter[str]:
        async with self.world.database.read() as connection:
            rows = await connection.execute(select(SETTLEMENT_ROW.c.state))
            return Counter(row.state for row in rows)

    async def have_paid(self, count: int) -> list[str]:
        """Payments that settled at the day's noon; the answer: the provider's references."""
        references = [f"FT{new_id().hex.upper()}" for _ in range(count)]
        rows = [_paid_intent(number, one) for number, one in enumerate(references)]
        async with self.world.database.begin() as connection:
            for start in range(0, count, 1000):
                await connection.execute(insert(PAYMENT_INTENT), rows[start : start + 1000])
        return references


def _paid_intent(number: int, reference: str) -> dict[str, Any]:
    code = f"H19.25-261123-{number:06d}"
    return {
        "id": new_id(),
        "dossier_id": new_id(),
        "dossier_code": code,
        "plain_dossier_code": plain(code),
        "procedure_code": "2.000488",
        "procedure_name": "Cấp phiếu lý lịch tư pháp",
        "agency_code": "H19.25",
        "agency_name": "Sở Tư pháp",
        "client_id": "portal-demo",
        "lines": [
            {
                "line_code": line.line_code,
                "name": line.name,
                "kind": line.kind,
                "quantity": line.quantity,
                "amount_minor_units": line.amount.minor_units,
                "legal_basis": line.legal_basis,
            }
            for line in LINES
        ],
        "amount_minor_units": FEE.minor_units,
        "currency": "VND",
        "payee_bank_bin": PAYEE.bank_bin,
        "payee_account_number": PAYEE.account_number,
        "payee_account_name": PAYEE.account_name,
        "payer_sealed": "s1.2026.bm9uY2U.c2VhbGVk",
        "status": "succeeded",
        "created_at": NOON,
        "expires_at": NOON + timedelta(days=1),
        "confirmation_id": new_id(),
        "confirmation_evidence_id": "ev",
        "method": "vietqr",
        "assurance": "passkey",
        "confirmed_at": NOON,
        "bill_reference": f"LP{number:010d}",
        "qr_payload": "0002",
        "provider": "sandbox",
        "provider_reference": reference,
        "evidence_level": "P1",
        "paid_at": NOON,
        "succeeded_at": NOON,
    }
