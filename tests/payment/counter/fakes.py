"""Stand-ins for the counter's ports, kept in dictionaries."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from chassis.duties import Reach
from chassis.money import Money
from services.payment.domain.counter.cash_drawer import CashCount, CashDrawer, DrawerStatus
from services.payment.domain.counter.errors import DrawerNotFound
from services.payment.domain.counter.payments import CashPayment, PosBatch, PosPayment, Request
from services.payment.ports.counter import WantedDrawers

Key = tuple[str, str]


def key_of(request: Request) -> Key:
    return request.officer, request.idempotency_key


class FakeDrawers:
    def __init__(self) -> None:
        self.rows: dict[UUID, CashDrawer] = {}
        self.requests: dict[Key, tuple[UUID, str]] = {}
        self.counts: dict[Key, tuple[UUID, str]] = {}

    async def get(self, drawer_id: UUID) -> CashDrawer:
        if drawer_id not in self.rows:
            raise DrawerNotFound
        return self.rows[drawer_id]

    async def add_once(self, drawer: CashDrawer, request: Request) -> bool:
        in_use = [one for one in self.rows.values() if one.status is not DrawerStatus.CLOSED]
        name = (drawer.agency_code, drawer.drawer)
        taken = any((one.agency_code, one.drawer) == name for one in in_use) or any(
            one.officer == drawer.officer and one.status is DrawerStatus.OPEN for one in in_use
        )
        if taken or key_of(request) in self.requests:
            return False
        self.rows[drawer.id] = drawer
        self.requests[key_of(request)] = drawer.id, request.fingerprint
        return True

    async def find_request(self, request: Request) -> tuple[UUID, str] | None:
        return self.requests.get(key_of(request))

    async def take(self, drawer_id: UUID, amount: Money, *, officer: str) -> bool:
        drawer = self.rows[drawer_id]
        if drawer.status is not DrawerStatus.OPEN or drawer.officer != officer:
            return False
        self.rows[drawer_id] = replace(
            drawer, taken=drawer.taken + amount, payments=drawer.payments + 1
        )
        return True

    async def add_count(self, count: CashCount, request: Request) -> bool:
        if key_of(request) in self.counts:
            return False
        self.counts[key_of(request)] = count.drawer_id, request.fingerprint
        return True

    async def find_count(self, request: Request) -> tuple[UUID, str] | None:
        return self.counts.get(key_of(request))

    async def save_counted(self, drawer: CashDrawer) -> bool:
        self.rows[drawer.id] = drawer
        return True

    async def save_closed(self, drawer: CashDrawer) -> bool:
        self.rows[drawer.id] = drawer
        return True

    async def list_page(self, wanted: WantedDrawers) -> Sequence[CashDrawer]:
        return sorted(self.rows.values(), key=lambda one: one.id, reverse=True)[: wanted.limit]


class FakeCounterPayments:
    def __init__(self) -> None:
        self.cash: dict[Key, CashPayment] = {}
        self.pos: dict[Key, PosPayment] = {}

    async def add_cash_once(self, payment: CashPayment) -> bool:
        if await self.find_cash_of(payment.payment_intent_id) is not None:
            return False
        return self.cash.setdefault(key_of(payment.request), payment) is payment

    async def find_cash(self, request: Request) -> CashPayment | None:
        return self.cash.get(key_of(request))

    async def find_cash_of(self, payment_intent_id: UUID) -> CashPayment | None:
        found = [one for one in self.cash.values() if one.payment_intent_id == payment_intent_id]
        return found[0] if found else None

    async def list_cash(
        self, drawer_id: UUID, *, before: UUID | None, limit: int
    ) -> Sequence[CashPayment]:
        return [one for one in self.cash.values() if one.drawer_id == drawer_id][:limit]

    async def add_pos_once(self, payment: PosPayment) -> bool:
        if any(one.slip == payment.slip for one in self.pos.values()):
            return False
        return self.pos.setdefault(key_of(payment.request), payment) is payment

    async def find_pos(self, request: Request) -> PosPayment | None:
        return self.pos.get(key_of(request))

    async def save_pos_discrepancy(self, payment: PosPayment) -> None:
        self.pos[key_of(payment.request)] = payment

    async def list_batches(
        self, *, reach: Reach, after: tuple[str, str] | None, limit: int
    ) -> Sequence[PosBatch]:
        return []

    async def list_slips(
        self, batch: tuple[str, str], *, reach: Reach, before: UUID | None, limit: int
    ) -> Sequence[PosPayment]:
        return list(self.pos.values())[:limit]
