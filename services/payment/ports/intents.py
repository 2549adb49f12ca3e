from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.intents.bill_reference import NamedReferences
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.pause import Pause
from services.payment.domain.intents.payment_attempt import AttemptStatus, PaymentAttempt
from services.payment.domain.intents.payment_intent import Confirmation, PaymentIntent, Status
from services.payment.domain.notices.provider_notification import ProviderNotice


@dataclass(frozen=True, slots=True)
class PaidAttempt:
    """`attempt_id` is None when the money named the fee, and no attempt to pay it."""

    attempt_id: UUID | None
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFilter:
    """Those in reach, and of these the ones of a state, a dossier, a reference, a batch."""

    reach: Reach
    status: Status | None = None
    dossier_id: UUID | None = None
    reference: str | None = None
    batch_id: UUID | None = None


class PaymentIntents(Protocol):
    async def get(self, intent_id: UUID) -> PaymentIntent:
        """Raises UnknownPaymentIntent."""

    async def get_for_update(self, intent_id: UUID) -> PaymentIntent:
        """Held until the transaction ends. Raises UnknownPaymentIntent."""

    async def find_named(self, references: NamedReferences) -> PaymentIntent | None:
        """The intent that these references name, if they name exactly one; bills go first."""

    async def find_fitting(self, notice: ProviderNotice) -> PaymentIntent | None:
        """The only confirmed intent of the account paid to that asks for exactly this money and
        was open when it moved. A likeness and no name: nothing is settled by it."""

    async def add_once(self, intent: PaymentIntent) -> bool:
        """False when the id is taken; nothing is changed then."""

    async def save_confirmed(self, intent: PaymentIntent) -> bool:
        """Store the confirmation if the intent is still `created`; False when it no longer is."""

    async def add_confirmed_method(self, intent_id: UUID, confirmation: Confirmation) -> bool:
        """False when this method was confirmed before."""

    async def find_confirmation(self, intent_id: UUID, method: Method) -> UUID | None:
        """The confirmation by which the payer agreed to this way of paying."""

    async def find_agreement(self, intent: PaymentIntent, method: Method) -> Confirmation | None:
        """The whole of that confirmation."""

    async def save_succeeded(self, intent: PaymentIntent, *, at: datetime) -> bool:
        """Store the payment if the intent is still `confirmed`; False when it no longer is."""

    async def save_expired(self, intent_id: UUID, *, now: datetime) -> bool:
        """Expire the intent if it is still `confirmed`, past its deadline, and no attempt lives."""

    async def save_cancelled(self, intent_id: UUID) -> bool:
        """Cancel the intent unless it is paid or was cancelled before."""

    async def save_revived(self, intent: PaymentIntent) -> bool:
        """Store state and deadline if the intent is still `expired`."""

    async def expire_unconfirmed(self, *, now: datetime, limit: int) -> Sequence[PaymentIntent]:
        """Expire the oldest overdue intents nobody confirmed, skipping those others hold."""

    async def list_page(
        self, wanted: IntentFilter, *, before: UUID | None, limit: int
    ) -> Sequence[PaymentIntent]:
        """The latest first, of those in reach."""


class PaymentAttempts(Protocol):
    async def add(self, attempt: PaymentAttempt) -> None: ...

    async def add_once(self, attempt: PaymentAttempt) -> bool:
        """False when the intent has a live attempt of this method, or the name is taken."""

    async def find_live(self, intent_id: UUID, method: Method) -> PaymentAttempt | None: ...

    async def list_of_intent(self, intent_id: UUID, *, limit: int) -> Sequence[PaymentAttempt]:
        """In the order of their making."""

    async def last_number(self, intent_id: UUID) -> int:
        """The highest number that an attempt of this intent bears; 0 when there is none."""

    async def find_by_order(self, provider: str, order_reference: str) -> PaymentAttempt | None: ...

    async def find_by_alias(self, provider: str, alias_account: str) -> PaymentAttempt | None: ...

    async def save_started(self, attempt: PaymentAttempt) -> bool:
        """Store where to pay, if the attempt is still `created`."""

    async def save_ended(self, attempt: PaymentAttempt, *, at: datetime) -> bool:
        """Store how the attempt ended, if it is still live."""

    async def end_paid(self, intent_id: UUID, *, paid: PaidAttempt, at: datetime) -> None:
        """The attempt that brought the money has succeeded; codes and accounts of other attempts
        are closed. Pages of providers stay live: their money can still come."""

    async def end_live(self, intent_id: UUID, status: AttemptStatus, *, at: datetime) -> None:
        """Close all live attempts of an intent."""

    async def claim_due(self, *, now: datetime, limit: int) -> Sequence[PaymentAttempt]:
        """Live attempts whose provider should be asked now, each given to one asker only.

        Claiming moves the next enquiry on, so an asker that dies delays the question, no more.
        """

    async def save_answered(self, attempt: PaymentAttempt) -> None:
        """Store whether the provider's last answer was usable, if the attempt is still live."""

    async def count_unknown(self, *, before: datetime) -> int:
        """Attempts begun before then, of which nothing is known still."""


class Pauses(Protocol):
    """Planned stops of the platform, as far as deadlines are concerned."""

    async def begin(self, pause: Pause) -> None: ...

    async def end(self, pause: Pause) -> bool:
        """True once for a pause, whether or not its beginning was heard."""

    async def deadline_time(self, now: datetime) -> datetime:
        """The moment by which deadlines are judged: it stands still while a pause is open."""

    async def put_off(self, pause: Pause) -> int:
        """Move the deadlines of all that waits; the answer: how many intents."""
