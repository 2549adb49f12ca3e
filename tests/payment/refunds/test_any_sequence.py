"""Whatever is done with refunds in whatever order, never more is on its way back than came."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.db import Database
from chassis.duties import Reach
from chassis.errors import Refused
from chassis.money import Money
from chassis.testing import FakeIds, FrozenClock
from services.payment.domain.ledger.transaction import Direction, LedgerTransaction
from services.payment.domain.refunds.refund import RELEASED, Refund, Requester
from services.payment.domain.refunds.source import SourceKind
from services.payment.ports.providers import RefundAnswer, RefundOutcome
from services.payment.use_cases.refunds.decide_refund import (
    approve_refund,
    reject_refund,
    withdraw_refund,
)
from services.payment.use_cases.refunds.enquire_refunds import enquire_refunds
from services.payment.use_cases.refunds.request_refund import RefundWish, request_refund
from services.payment.use_cases.refunds.send_approved_refunds import (
    RefundTools,
    send_approved_refunds,
)
from tests.payment.fakes import FakeUnitOfWork
from tests.payment.refunds.fake import FakeRefunds
from tests.payment.refunds.test_states import PAID, a_source
from tests.payment.refunds.world import APPROVER, SEALER, BookingBank, RefundWorld, decider
from tests.payment.samples import FEE, LINES, NOON

ANSWERS = [RefundAnswer(outcome=outcome) for outcome in RefundOutcome]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "ask", "approve", "reject", "withdraw", "send", "enquire"]),
        st.integers(min_value=1, max_value=PAID.minor_units + 1),
        st.integers(min_value=0, max_value=5),
    ),
    max_size=40,
)


def balance_of(posted: Iterable[LedgerTransaction]) -> int:
    signs = {Direction.DEBIT: 1, Direction.CREDIT: -1}
    entries = [entry for one in posted for entry in one.entries]
    return sum(signs[entry.direction] * entry.amount.minor_units for entry in entries)


class Sequence:
    """Refunds of one payment, without a database."""

    def __init__(self) -> None:
        self.source = a_source()
        self.uow = FakeUnitOfWork()
        self.uow.fake_refunds = FakeRefunds(self.source)
        self.uow.refunds = self.uow.fake_refunds
        self.clock, self.ids = FrozenClock(NOON), FakeIds()
        self.bank = BookingBank(uow=self.uow)

    @property
    def holding(self) -> int:
        rows = self.uow.fake_refunds.rows.values()
        return sum(one.amount.minor_units for one in rows if one.status not in RELEASED)

    async def step(self, name: str, amount: int, number: int) -> None:
        rows = sorted(self.uow.fake_refunds.rows)
        around = {"uow": self.uow, "clock": self.clock, "ids": self.ids}
        if name == "ask":
            await self._ask(amount, number)
        elif name == "send":
            self.bank.answers = [ANSWERS[number % len(ANSWERS)]]
            tools = RefundTools(providers={"sandbox": self.bank}, seals=SEALER)
            await send_approved_refunds(tools=tools, **around)  # type: ignore[arg-type]
        elif name == "enquire":
            self.clock.advance(timedelta(hours=1))
            await enquire_refunds(providers={"sandbox": self.bank}, **around)  # type: ignore[arg-type]
        elif rows:
            id = rows[number % len(rows)]
            if name == "withdraw":
                await withdraw_refund(id, by="hoa", reach=Reach.everything(), **around)  # type: ignore[arg-type]
            else:
                decide = approve_refund if name == "approve" else reject_refund
                await decide(id, decider(APPROVER), **around)  # type: ignore[arg-type]

    async def _ask(self, amount: int, number: int) -> None:
        source = await self.uow.refunds.find_source(SourceKind.PAYMENT, self.source.id)
        assert source is not None
        key = str(self.ids.new())
        wish = RefundWish(
            kind=SourceKind.PAYMENT,
            source_id=source.id,
            reach=Reach.everything(),
            amount=Money(amount),
            # Now and then somebody asks by an old sight.
            seen=source.paid if number == 0 else source.available,
            reason="",
            lines={"AB"[number % 2]: Money(amount)} if number % 3 else {},
            requester=Requester(kind="user", subject="hoa", idempotency_key=key),
            fingerprint="f",
        )
        await request_refund(
            wish,
            automatic_up_to=Money(1000),
            uow=self.uow,
            clock=self.clock,
            ids=self.ids,
        )


@settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
@given(STEPS)
async def test_at_every_step_no_more_is_on_its_way_back_than_came(
    steps: list[tuple[str, int, int]],
) -> None:
    world = Sequence()
    for step in steps:
        with suppress(Refused):
            await world.step(*step)

        assert 0 <= world.holding <= PAID.minor_units
        source = await world.uow.refunds.find_source(SourceKind.PAYMENT, world.source.id)
        assert source is not None
        assert source.refunded.minor_units == world.holding
        taken: Counter[str] = Counter()
        for one in world.uow.fake_refunds.rows.values():
            if one.status not in RELEASED:
                taken.update({line.line_code: line.amount.minor_units for line in one.lines})
        limits = {line.line_code: line.amount.minor_units for line in world.source.lines}
        assert all(amount <= limits[code] for code, amount in taken.items())
        assert balance_of(world.uow.fake_ledger.rows) == 0


async def test_a_long_random_walk_on_each_database_keeps_counters_and_books_right(
    database: Database,
) -> None:
    world, random = RefundWorld(database), Random(7)
    intent = await world.paid()
    refunds: list[Refund] = []
    now: list[Refund] = []
    for _ in range(80):
        left = await world.left(intent.id)
        step = random.choice(["ask", "ask", "approve", "reject", "withdraw", "send", "enquire"])
        with suppress(Refused):
            if step == "ask":
                line = random.choice(LINES)
                amount = random.randint(1, FEE.minor_units // 4)
                lines = {line.line_code: Money(amount)}
                refunds.append(await world.ask(intent.id, amount, left, lines=lines))
            elif step == "send":
                world.bank.answers = [random.choice(ANSWERS)]
                await world.send()
            elif step == "enquire":
                world.clock.advance(timedelta(hours=1))
                await world.enquire()
            elif refunds:
                await getattr(world, step)(random.choice(refunds))
        now = [await world.find(one) for one in refunds]
        holding = sum(one.amount.minor_units for one in now if one.status not in RELEASED)
        assert holding == FEE.minor_units - await world.left(intent.id) <= FEE.minor_units
        assert sum((await world.balances()).values()) == 0
    assert len({one.status for one in now}) >= 4
