from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from chassis.duties import Reach
from chassis.money import Money
from services.payment.domain.counter.cash_drawer import CashCount, CashDrawer, DrawerStatus
from services.payment.domain.counter.payments import (
    CashPayment,
    PosBatch,
    PosPayment,
    Request,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDrawers:
    reach: Reach
    status: DrawerStatus | None = None
    officer: str | None = None
    before: UUID | None = None
    limit: int = 50


class CashDrawers(Protocol):
    async def get(self, drawer_id: UUID) -> CashDrawer:
        """Raises DrawerNotFound."""

    async def add_once(self, drawer: CashDrawer, request: Request) -> bool:
        """False when the officer's key, or the officer or the drawer, is taken."""

    async def find_request(self, request: Request) -> tuple[UUID, str] | None:
        """The drawer that this officer's key opened, and the fingerprint it was opened with."""

    async def take(self, drawer_id: UUID, amount: Money, *, officer: str) -> bool:
        """Put money in, if the drawer is still open and this officer's."""

    async def add_count(self, count: CashCount, request: Request) -> bool:
        """False when this number, or the officer's key, is taken."""

    async def find_count(self, request: Request) -> tuple[UUID, str] | None:
        """The drawer that was counted under this key, and the fingerprint of that request."""

    async def save_counted(self, drawer: CashDrawer) -> bool:
        """Stop taking money, if nothing came in since the drawer was looked at."""

    async def save_closed(self, drawer: CashDrawer) -> bool:
        """Store the second person's word, if the count they saw is still the last."""

    async def list_page(self, wanted: WantedDrawers) -> Sequence[CashDrawer]:
        """The latest first."""


class CounterPayments(Protocol):
    async def add_cash_once(self, payment: CashPayment) -> bool:
        """False when the officer's key is taken, or the fee was paid in cash before."""

    async def find_cash(self, request: Request) -> CashPayment | None: ...

    async def find_cash_of(self, payment_intent_id: UUID) -> CashPayment | None: ...

    async def list_cash(
        self, drawer_id: UUID, *, before: UUID | None, limit: int
    ) -> Sequence[CashPayment]:
        """The latest first."""

    async def add_pos_once(self, payment: PosPayment) -> bool:
        """False when the officer's key, or the slip, is taken."""

    async def find_pos(self, request: Request) -> PosPayment | None: ...

    async def save_pos_discrepancy(self, payment: PosPayment) -> None: ...

    async def list_batches(
        self, *, reach: Reach, after: tuple[str, str] | None, limit: int
    ) -> Sequence[PosBatch]:
        """By terminal and batch, each summed up."""

    async def list_slips(
        self, batch: tuple[str, str], *, reach: Reach, before: UUID | None, limit: int
    ) -> Sequence[PosPayment]:
        """Those of a terminal's batch, the latest first."""
