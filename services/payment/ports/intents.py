from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.intents.bill_reference import NamedReferences
from services.payment.domain.intents.pause import Pause
from services.payment.domain.intents.payment_attempt import AttemptStatus, PaymentAttempt
from services.payment.domain.intents.payment_intent import PaymentIntent, Status


class PaymentIntents(Protocol):
    async def get(self, intent_id: UUID) -> PaymentIntent:
        """Raises UnknownPaymentIntent."""

    async def find_named(self, references: NamedReferences) -> PaymentIntent | None:
        """The intent that these references name, if they name exactly one; bills go first."""

    async def add_once(self, intent: PaymentIntent) -> bool:
        """False when the id is taken; nothing is changed then."""

    async def save_confirmed(self, intent: PaymentIntent) -> bool:
        """Store the confirmation if the intent is still `created`; False when it no longer is."""

    async def save_succeeded(self, intent: PaymentIntent, *, at: datetime) -> bool:
        """Store the payment if the intent is still `confirmed`; False when it no longer is."""

    async def save_expired(self, intent_id: UUID, *, now: datetime) -> bool:
        """Expire the intent if it is still `confirmed` and past its deadline."""

    async def expire_unconfirmed(self, *, now: datetime, limit: int) -> Sequence[PaymentIntent]:
        """Expire the oldest overdue intents nobody confirmed, skipping those others hold."""

    async def list_page(
        self,
        *,
        reach: Reach,
        status: Status | None,
        dossier_id: UUID | None,
        before: UUID | None,
        limit: int,
    ) -> Sequence[PaymentIntent]:
        """The latest first, of those in reach."""


class PaymentAttempts(Protocol):
    async def add(self, attempt: PaymentAttempt) -> None: ...

    async def end_live(self, intent_id: UUID, status: AttemptStatus, *, at: datetime) -> None:
        """Close the live attempt of an intent, if it has one."""

    async def claim_due(self, *, now: datetime, limit: int) -> Sequence[PaymentAttempt]:
        """Live attempts whose provider should be asked now, each given to one asker only.

        Claiming moves the next enquiry on, so an asker that dies delays the question, no more.
        """

    async def ask_soon(self, intent_id: UUID, *, at: datetime) -> None:
        """Bring the next enquiry about an intent's live attempt forward, if it has one."""

    async def save_answered(self, attempt: PaymentAttempt) -> None:
        """Store whether the provider's last answer was usable, if the attempt is still live."""


class Pauses(Protocol):
    """Planned stops of the platform, as far as deadlines are concerned."""

    async def begin(self, pause: Pause) -> None: ...

    async def end(self, pause: Pause) -> bool:
        """True once for a pause, whether or not its beginning was heard."""

    async def deadline_time(self, now: datetime) -> datetime:
        """The moment by which deadlines are judged: it stands still while a pause is open."""

    async def put_off(self, pause: Pause) -> int:
        """Move the deadlines of all that waits; the answer: how many intents."""
