from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.payment.domain.bills.agency import Agency
from services.payment.domain.intents.payment_attempt import PaymentAttempt
from services.payment.domain.intents.payment_intent import PaymentIntent


class Agencies(Protocol):
    async def keep(self, agency: Agency, *, published_at: datetime) -> None:
        """Keep what was published last; older news arriving late changes nothing."""

    async def find(self, codes: Collection[str], *, on: date) -> Mapping[str, Agency]:
        """Those of these that are published for the day."""


class Bills(Protocol):
    """The payment intents that billers open themselves."""

    async def add_opened(
        self, bills: Sequence[tuple[PaymentIntent, PaymentAttempt]]
    ) -> frozenset[UUID]:
        """Which of these confirmed intents are new. One whose reference or key its biller has
        used before is left out, and nothing of it is stored."""

    async def find_by_key(self, client_id: str, idempotency_key: str) -> PaymentIntent | None: ...

    async def find_by_references(
        self, client_id: str, references: Collection[str]
    ) -> Mapping[str, PaymentIntent]: ...
