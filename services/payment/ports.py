"""What the use cases need of the outside, as they see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from chassis.duties import Reach
from chassis.ports import Inbox, Outbox
from services.payment.domain.bill_reference import NamedReferences
from services.payment.domain.discrepancy import Discrepancy
from services.payment.domain.ledger import Balance, LedgerTransaction
from services.payment.domain.pause import Pause
from services.payment.domain.payment_attempt import AttemptStatus, PaymentAttempt
from services.payment.domain.payment_intent import PaymentIntent, Status
from services.payment.domain.provider_notification import (
    Outcome,
    ProviderNotice,
    ProviderNotification,
    Verdict,
)


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


class ProviderNotifications(Protocol):
    async def add_once(self, notification: ProviderNotification) -> Verdict | None:
        """None when stored now; else the verdict on the equal notice that came before.

        An equal notice that another transaction is about to commit is waited for.
        """

    async def conclude(self, notification_id: UUID, verdict: Verdict) -> None: ...


class Discrepancies(Protocol):
    async def add(self, discrepancy: Discrepancy) -> None: ...

    async def list_page(
        self, *, reach: Reach, before: UUID | None, limit: int
    ) -> Sequence[Discrepancy]:
        """The latest first, of one client or of all."""


class Ledger(Protocol):
    async def post(self, transaction: LedgerTransaction) -> None:
        """Once for each cause: the database refuses a second transaction for the same one."""

    async def list_balances(self, *, limit: int) -> Sequence[Balance]: ...


class Pauses(Protocol):
    """Planned stops of the platform, as far as deadlines are concerned."""

    async def begin(self, pause: Pause) -> None: ...

    async def end(self, pause: Pause) -> bool:
        """True once for a pause, whether or not its beginning was heard."""

    async def deadline_time(self, now: datetime) -> datetime:
        """The moment by which deadlines are judged: it stands still while a pause is open."""

    async def put_off(self, pause: Pause) -> int:
        """Move the deadlines of all that waits; the answer: how many intents."""


class UnitOfWork(Protocol):
    """One transaction: commits on leaving the block, rolls back on an error; may be re-entered."""

    intents: PaymentIntents
    attempts: PaymentAttempts
    notifications: ProviderNotifications
    discrepancies: Discrepancies
    ledger: Ledger
    pauses: Pauses
    outbox: Outbox
    inbox: Inbox

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Reading(Protocol):
    """Look-ups that write nothing and wait for no writer."""

    intents: PaymentIntents
    discrepancies: Discrepancies
    ledger: Ledger

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Capability(StrEnum):
    NOTIFIES = "notifies"
    ANSWERS_ENQUIRIES = "answers_enquiries"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryAnswer:
    """What a provider says when asked. UNKNOWN: it gave no usable answer, so nothing is known.

    FAILED is a positive word: the provider knows of no money under the reference.
    """

    outcome: Outcome
    notices: tuple[ProviderNotice, ...] = ()
    raw: bytes = field(default=b"", repr=False)
    proof: Mapping[str, str] | None = None
    evidence_level: str = ""


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def client_id(self) -> str:
        """The registered caller whose notices are this provider's."""

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def settling_evidence_levels(self) -> frozenset[str]:
        """How a notice must be proved to settle at once; never by a weak level."""

    def parse_notification(self, raw: bytes) -> ProviderNotice:
        """Raises UnreadableNotice. The caller's identity was proved before."""

    async def enquire(self, bill_reference: str) -> EnquiryAnswer:
        """Never raises for what the network does: no answer is UNKNOWN."""
