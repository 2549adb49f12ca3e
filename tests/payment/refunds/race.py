"""Many refunds of many payments at once, on whatever database it is given."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from chassis.db import Database
from chassis.errors import Refused
from chassis.money import Money
from services.payment.domain.ledger.accounts import clearing
from services.payment.domain.ledger.transaction import settlement
from services.payment.domain.refunds.refund import RELEASED, RefundStatus
from services.payment.ports.providers import RefundAnswer, RefundOrder, RefundOutcome
from services.payment.storage.intents.rows import intent_row
from services.payment.storage.intents.tables import PAYMENT_INTENT
from services.payment.storage.refunds.tables import REFUND
from tests.payment.refunds.world import BookingBank, RefundWorld
from tests.payment.samples import FEE, LINES, NOON, an_intent, new_id

SMALL_ENOUGH = Money(10**9)
TRIES_MAX = 3
# So few, that those who ask at the same time mostly ask for the same money.
PAYMENTS_AT_ONCE = 2
CONNECTIONS = 8


@dataclass
class MoodyBank(BookingBank):
    """Refuses some refunds, takes its time with some, and loses the answers to others."""

    random: Random = field(default_factory=lambda: Random(26))

    async def refund(self, order: RefundOrder) -> RefundAnswer:
        mood = self.random.random()
        if mood < 0.2:
            return RefundAnswer(outcome=RefundOutcome.FAILED, failure="not today")
        self.loses_answers = mood < 0.4
        return await super().refund(order)


@dataclass
class Seen:
    """What somebody who looks all the time saw."""

    looks: int = 0
    over: int = 0


class Race:
    def __init__(self, database: Database, *, payments: int, refunds: int, seed: int = 26) -> None:
        self.world = RefundWorld(database)
        self.world.ids = self.world.keys  # type: ignore[assignment]
        self.bank = MoodyBank()
        self.world.providers = {"sandbox": self.bank}
        self.random = Random(seed)
        self.payments = payments
        self.refunds = refunds
        self.asked: Counter[str] = Counter()
        self.seen = Seen()
        self.ids: list[UUID] = []

    async def run(self) -> None:
        await self._pay_all()
        over = asyncio.Event()
        around = [asyncio.create_task(self._send_all(over)) for _ in range(2)]
        around.append(asyncio.create_task(self._watch(over)))
        for start in range(0, self.payments, PAYMENTS_AT_ONCE):
            some = self.ids[start : start + PAYMENTS_AT_ONCE] * self.refunds
            self.random.shuffle(some)
            await asyncio.gather(*(self._ask_all(some) for _ in range(CONNECTIONS)))
        over.set()
        await asyncio.gather(*around)
        while await self.world.send():
            continue
        await self._know_all()

    async def _pay_all(self) -> None:
        """As many settled payments as were ordered, in a few statements."""
        intents, earned = [], []
        for number in range(self.payments):
            intent = an_intent()
            self.ids.append(intent.id)
            intents.append(intent_row(intent) | _settled(number))
            earned.append(
                settlement(
                    intent,
                    id=new_id(),
                    collected_in=clearing("sandbox"),
                    posted_at=NOON,
                )
            )
        async with self.world.database.begin() as connection:
            await connection.execute(insert(PAYMENT_INTENT), intents)
        async with self.world.uow() as uow:
            for posting in earned:
                await uow.ledger.post(posting)

    async def _ask_all(self, waiting: list[UUID]) -> None:
        while waiting:
            await self._ask(waiting.pop())

    async def _ask(self, intent_id: UUID) -> None:
        amount = self.random.randint(1, FEE.minor_units)
        line = self.random.choice(LINES)
        for _ in range(TRIES_MAX):
            try:
                left = await self._left(intent_id)
                if left == 0:
                    self.asked["nothing left"] += 1
                    return
                await self.world.ask(
                    intent_id,
                    amount,
                    left,
                    lines={line.line_code: Money(amount)},
                    automatic_up_to=SMALL_ENOUGH,
                )
            except Refused as refused:
                self.asked[refused.code] += 1
                if refused.code != "refund_amount_available_differs":
                    return
            else:
                self.asked["taken"] += 1
                return

    async def _left(self, intent_id: UUID) -> int:
        counter = PAYMENT_INTENT.c.refunded_minor_units
        async with self.world.database.read() as connection:
            taken = await connection.scalar(select(counter).where(PAYMENT_INTENT.c.id == intent_id))
        return FEE.minor_units - (taken or 0)

    async def _send_all(self, over: asyncio.Event) -> None:
        while await self.world.send() or not await _waited(over, 0.02):
            continue

    async def _watch(self, over: asyncio.Event) -> None:
        while not await _waited(over, 0.05):
            self.seen.looks += 1
            self.seen.over += len(await self._over())

    async def _over(self) -> Sequence[Any]:
        """Payments of which more is on its way back than came, in one look."""
        holding = (
            select(REFUND.c.payment_intent_id)
            .where(REFUND.c.status.not_in(sorted(RELEASED)))
            .group_by(REFUND.c.payment_intent_id)
            .having(func.sum(REFUND.c.amount_minor_units) > FEE.minor_units)
        )
        async with self.world.database.read() as connection:
            return (await connection.execute(holding)).all()

    async def _know_all(self) -> None:
        """Lost answers are asked about until none is left."""
        for _ in range(1000):
            self.world.clock.advance(timedelta(hours=1))
            if not await self.world.enquire():
                return

    async def by_status(self) -> dict[RefundStatus, tuple[int, int]]:
        """How many refunds, and of how much, in each state."""
        sums = select(
            REFUND.c.status, func.count(), func.sum(REFUND.c.amount_minor_units)
        ).group_by(REFUND.c.status)
        async with self.world.database.read() as connection:
            rows = (await connection.execute(sums)).all()
        return {RefundStatus(status): (count, int(total)) for status, count, total in rows}

    async def counted(self) -> tuple[int, int]:
        """What the payments' own counters say in all, and the most that one of them says."""
        counter = PAYMENT_INTENT.c.refunded_minor_units
        async with self.world.database.read() as connection:
            row = (await connection.execute(select(func.sum(counter), func.max(counter)))).one()
        return int(row[0]), int(row[1])

    async def report(self) -> str:
        states = {str(state): pair for state, pair in (await self.by_status()).items()}
        return (
            f"{self.payments} payments x {self.refunds} refunds: {dict(self.asked)}; {states};"
            f" bank {sum(self.bank.booked.values())}; looks {self.seen.looks}"
        )


def _settled(number: int) -> dict[str, Any]:
    return {
        "status": "succeeded",
        "confirmation_id": new_id(),
        "confirmation_evidence_id": str(new_id()),
        "method": "vietqr",
        "assurance": "passkey",
        "confirmed_at": NOON,
        "provider": "sandbox",
        "provider_reference": f"FT{number}",
        "evidence_level": "P1",
        "paid_at": NOON,
        "succeeded_at": NOON,
    }


async def _waited(over: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)
    return over.is_set()
