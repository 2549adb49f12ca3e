from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from chassis.auth import Caller
from chassis.db import Database
from chassis.duties import Reach
from chassis.ids import SystemIds
from chassis.money import Money
from chassis.sealing import Sealer
from chassis.testing import FrozenClock
from services.receipt.domain.amendments.amendment import Amendment, AmendmentType
from services.receipt.domain.receipts.fee import FeeLine, Kind
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.domain.receipts.refund_note import RefundNote
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.storage.receipts.receipts import SqlArchive
from services.receipt.storage.tables import OUTBOX
from services.receipt.storage.unit_of_work import SqlUnitOfWork
from services.receipt.use_cases.amendments.ask_amendment import Asking, ask_amendment
from services.receipt.use_cases.amendments.decide_amendment import approve_amendment
from services.receipt.use_cases.amendments.tools import AmendTools
from services.receipt.use_cases.receipts.issue_receipts import issue_receipts
from services.receipt.use_cases.receipts.number_receipts import Paid
from services.receipt.use_cases.receipts.sign_numbered_receipts import sign_numbered_receipts
from tests.receipt.api.conftest import OFFICER
from tests.receipt.samples import SECRET, line, paid_fee

EVERYTHING = Reach.everything()
OTHER = replace(OFFICER, subject="other")


@dataclass
class Desk:
    """Two accountants over the receipts of an agency."""

    database: Database
    clock: FrozenClock
    seals: Sealer
    signer: XmlReceiptSigner

    def open_uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.database, clock=self.clock, ids=SystemIds(self.clock))

    @property
    def tools(self) -> AmendTools:
        return AmendTools(
            open_uow=self.open_uow, clock=self.clock, ids=SystemIds(self.clock), seals=self.seals
        )

    async def issue(self, *lines: FeeLine) -> Receipt:
        """The first receipt of a payment of these lines."""
        fee = paid_fee(
            *(lines or (line("le_phi", 90_000),)),
            intent_id=uuid4(),
            payer_sealed=self.seal(**SECRET),
        )
        ((made, *_),) = await issue_receipts(
            [Paid(fee=fee, caused_by=uuid4())],
            uow=self.open_uow(),
            signer=self.signer,
            seals=self.seals,
            clock=self.clock,
            ids=SystemIds(self.clock),
        )
        return await self.now(made.id)

    def seal(self, **who: Any) -> str:
        return self.seals.seal(who, purpose="payer")

    async def ask(self, receipt: Receipt, type_: AmendmentType, **asked: Any) -> Amendment:
        asking = Asking(receipt_id=receipt.id, type=type_, reason="Ghi sai", **asked)
        return await ask_amendment(asking, by="officer", reach=EVERYTHING, tools=self.tools)

    async def approve(self, amendment: Amendment, by: Caller = OTHER) -> Amendment:
        return await approve_amendment(amendment.id, officer=by, reach=EVERYTHING, tools=self.tools)

    async def correct(self, receipt: Receipt, type_: AmendmentType, **asked: Any) -> Amendment:
        return await self.approve(await self.ask(receipt, type_, **asked))

    async def sign(self) -> None:
        while await sign_numbered_receipts(
            uow=self.open_uow(),
            signer=self.signer,
            seals=self.seals,
            clock=self.clock,
            count_failed=lambda _failed: None,
        ):
            continue

    async def now(self, receipt_id: UUID | None) -> Receipt:
        assert receipt_id is not None
        found = await SqlArchive(self.database).find(receipt_id)
        assert found is not None
        return found

    async def of_payment(self, receipt: Receipt) -> Sequence[Receipt]:
        return await SqlArchive(self.database).list_of_payment(receipt.fee.payment_intent_id)

    async def refund(self, receipt: Receipt, amount: int) -> None:
        note = RefundNote(
            refund_id=uuid4(),
            payment_intent_id=receipt.fee.payment_intent_id,
            kind=Kind.LE_PHI,
            amount=Money(amount, "VND"),
            refunded_at=self.clock.now(),
        )
        async with self.open_uow() as uow:
            await uow.refund_notes.add_once(note)

    async def said(self) -> list[str]:
        async with self.database.read() as connection:
            bodies = (await connection.execute(select(OUTBOX.c.body))).scalars()
            return [bytes(one).decode() for one in bodies]


@pytest.fixture
def desk(
    database: Database,
    clock: FrozenClock,
    sealer: Sealer,
    signer: XmlReceiptSigner,
    new_uow: Callable[[], SqlUnitOfWork],
) -> Desk:
    return Desk(database=database, clock=clock, seals=sealer, signer=signer)
