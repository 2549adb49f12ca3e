from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest

from chassis.db import Database
from chassis.ids import SystemIds
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.series.life import SeriesLife
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.series import SeriesFilter
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from services.receipt.use_cases.receipts.sign_receipts import sign_receipts
from services.receipt.use_cases.series.plan_series import SeriesPlan, plan_series
from services.receipt.use_cases.series.tools import SeriesTools
from tests.receipt.samples import NOON, SECRET, line, paid_fee

AGENCY = "H19.25"


def series(symbol: str, form_code: str = "01BLP0-001") -> ReceiptSeries:
    return ReceiptSeries(agency_code=AGENCY, form_code=form_code, symbol=symbol)


@dataclass
class Calendar:
    """An agency's series, and whoever plans them."""

    database: Database
    clock: FrozenClock
    seals: Sealer
    signer: XmlReceiptSigner
    must_be_planned: bool = False

    def open_uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(
            self.database,
            clock=self.clock,
            ids=SystemIds(self.clock),
            series_must_be_planned=self.must_be_planned,
        )

    @property
    def tools(self) -> SeriesTools:
        return SeriesTools(
            open_uow=self.open_uow,
            clock=self.clock,
            ids=SystemIds(self.clock),
            must_be_registered=self.must_be_planned,
        )

    async def pay(self, amount: int = 5000) -> Receipt:
        sealed = self.seals.seal(SECRET, purpose="payer")
        fee = paid_fee(line("le_phi", amount), intent_id=uuid4(), payer_sealed=sealed)
        numbered = await number_receipts(
            [Paid(fee=fee, caused_by=uuid4())],
            uow=self.open_uow(),
            seals=self.seals,
            clock=self.clock,
            ids=SystemIds(self.clock),
        )
        ((receipt,),) = numbered.receipts
        return receipt

    async def sign(self, *receipts: Receipt) -> None:
        await sign_receipts(
            receipts, uow=self.open_uow(), signer=self.signer, seals=self.seals, clock=self.clock
        )

    async def plan(
        self, letters: str, *, year: int = 2026, face_value: int | None = None
    ) -> SeriesLife:
        plan = SeriesPlan(
            agency_code=AGENCY,
            year=year,
            form_code="02BLP0-001" if face_value else "01BLP0-001",
            letters=letters,
            face_value=face_value,
        )
        return await plan_series(plan, by="accountant", tools=self.tools)

    async def lives(self) -> dict[str, SeriesLife]:
        async with self.open_uow() as uow:
            found = await uow.register.list_page(SeriesFilter(agencies=None, limit=100))
        return {one.series.symbol: one for one in found}


@pytest.fixture
async def calendar(
    database: Database,
    clock: FrozenClock,
    sealer: Sealer,
    signer: XmlReceiptSigner,
    new_uow: Callable[[], SqlUnitOfWork],
) -> Calendar:
    assert clock.now() == NOON
    return Calendar(database=database, clock=clock, seals=sealer, signer=signer)
