from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from chassis.testing import FakeIds, FrozenClock
from services.receipt.domain.receipts.fee import FeeLine, PaidFee
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.use_cases.receipts.number_receipts import Paid, number_receipts
from services.receipt.use_cases.receipts.sign_receipts import Signing, sign_receipts
from tests.receipt.fakes import (
    FakeArchive,
    FakePdfSigner,
    FakeSeals,
    FakeUnitOfWork,
    FakeXmlSigner,
)
from tests.receipt.samples import BODY, INTENT_ID, NOON, RULE, SECRET, paid_fee


@dataclass
class House:
    """The receipt house with nothing outside it."""

    uow: FakeUnitOfWork = field(default_factory=lambda: FakeUnitOfWork(RULE))
    seals: FakeSeals = field(default_factory=FakeSeals)
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOON))
    ids: FakeIds = field(default_factory=FakeIds)
    pages: FakePdfSigner = field(default_factory=FakePdfSigner)

    def __post_init__(self) -> None:
        self.signer = FakeXmlSigner(self.uow)
        self.archive = FakeArchive(self.uow)

    def fee(self, *lines: FeeLine, intent_id: UUID = INTENT_ID) -> PaidFee:
        sealed = self.seals.seal(SECRET, purpose="payer")
        return paid_fee(*lines, intent_id=intent_id, payer_sealed=sealed)

    async def number(self, fee: PaidFee, *, event_id: UUID | None = None) -> list[Receipt]:
        (receipts,) = await self.number_all(Paid(fee=fee, caused_by=event_id or self.ids.new()))
        return list(receipts)

    async def number_all(self, *paid: Paid) -> Sequence[Sequence[Receipt]]:
        numbered = await number_receipts(
            paid, uow=self.uow, seals=self.seals, clock=self.clock, ids=self.ids
        )
        return numbered.receipts

    async def sign(self, receipts: list[Receipt]) -> Signing:
        return await sign_receipts(
            receipts, uow=self.uow, signer=self.signer, seals=self.seals, clock=self.clock
        )

    async def issue(self, fee: PaidFee) -> list[Receipt]:
        await self.sign(await self.number(fee))
        return list(await self.archive.list_of_payment(fee.payment_intent_id))


@pytest.fixture
async def house() -> House:
    made = House()
    async with made.uow as uow:
        await uow.collecting_bodies.save(BODY, published_at=NOON)
    return made
