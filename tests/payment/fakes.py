"""Stand-ins for the ports: the same promises as storage, kept in dictionaries."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from chassis.duties import Reach
from chassis.ports import Inbox, Outbox
from chassis.testing import RecordingOutbox, SetInbox
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.errors import ProviderUnavailable, UnknownPaymentIntent
from services.payment.domain.intents.bill_reference import NamedReferences, plain
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.pause import Pause
from services.payment.domain.intents.payment_attempt import (
    LIVE,
    AttemptStatus,
    PaymentAttempt,
    next_enquiry,
)
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.domain.ledger.transaction import Balance, Direction, LedgerTransaction
from services.payment.domain.methods.published import MethodSet
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    ProviderNotification,
    Verdict,
)
from services.payment.ports.discrepancies import Discrepancies
from services.payment.ports.intents import Pauses, PaymentAttempts, PaymentIntents
from services.payment.ports.ledger import Ledger
from services.payment.ports.methods import PublishedMethods
from services.payment.ports.notices import ProviderNotifications
from services.payment.ports.providers import (
    Capability,
    Checkout,
    CheckoutOrder,
    EnquiryAnswer,
    OrderSeed,
    ProviderAnswer,
    Question,
    RefundAnswer,
    RefundOrder,
    RefundOutcome,
)
from services.payment.ports.refunds import Refunds
from services.payment.providers.bank import BankPayment
from tests.payment.refunds.fake import FakeRefunds

NO_MONEY: Final = EnquiryAnswer(outcome=Outcome.FAILED)
REFUNDED: Final = RefundAnswer(outcome=RefundOutcome.SUCCEEDED)


class FakeIntents:
    def __init__(self, *intents: PaymentIntent) -> None:
        self.rows = {intent.id: intent for intent in intents}

    async def get(self, intent_id: UUID) -> PaymentIntent:
        if intent_id not in self.rows:
            raise UnknownPaymentIntent(intent_id)
        return self.rows[intent_id]

    async def find_named(self, references: NamedReferences) -> PaymentIntent | None:
        rows = self.rows.values()
        by_bill = [one for one in rows if one.bill_reference in references.bills]
        by_dossier = [
            one
            for one in rows
            if one.dossier_code and plain(one.dossier_code) in references.dossiers
        ]
        found = by_bill or by_dossier
        return found[0] if len(found) == 1 else None

    async def add_once(self, intent: PaymentIntent) -> bool:
        if intent.id in self.rows:
            return False
        self.rows[intent.id] = intent
        return True

    async def save_confirmed(self, intent: PaymentIntent) -> bool:
        return self._save(intent, leaving=Status.CREATED)

    async def save_succeeded(self, intent: PaymentIntent, *, at: datetime) -> bool:
        return self._save(intent, leaving=Status.CONFIRMED)

    async def save_expired(self, intent_id: UUID, *, now: datetime) -> bool:
        intent = self.rows[intent_id]
        if intent.expires_at > now:
            return False
        return self._save(replace(intent, status=Status.EXPIRED), leaving=Status.CONFIRMED)

    async def expire_unconfirmed(self, *, now: datetime, limit: int) -> Sequence[PaymentIntent]:
        waiting = [one for one in self.rows.values() if one.status is Status.CREATED]
        overdue = sorted((one.expires_at, one.id) for one in waiting if one.expires_at <= now)
        for _, id in overdue[:limit]:
            self.rows[id] = self.rows[id].move_to(Status.EXPIRED)
        return [self.rows[id] for _, id in overdue[:limit]]

    async def list_page(
        self,
        *,
        reach: Reach,
        status: Status | None,
        dossier_id: UUID | None,
        before: UUID | None,
        limit: int,
    ) -> Sequence[PaymentIntent]:
        latest = sorted(self.rows.values(), key=lambda one: one.id, reverse=True)
        return [
            one
            for one in latest
            if reach.covers(client_id=one.client_id, agency_code=one.agency_code)
            and status in (None, one.status)
            and dossier_id in (None, one.dossier_id)
            and (before is None or one.id < before)
        ][:limit]

    def _save(self, intent: PaymentIntent, *, leaving: Status) -> bool:
        if self.rows[intent.id].status is not leaving:
            return False
        self.rows[intent.id] = intent
        return True


class FakeAttempts:
    def __init__(self) -> None:
        self.rows: dict[UUID, PaymentAttempt] = {}

    async def add(self, attempt: PaymentAttempt) -> None:
        self.rows[attempt.id] = attempt

    async def end_live(self, intent_id: UUID, status: AttemptStatus, *, at: datetime) -> None:
        for one in self.rows.values():
            if one.payment_intent_id == intent_id and one.status in LIVE:
                self.rows = self.rows | {one.id: one.move_to(status)}

    async def claim_due(self, *, now: datetime, limit: int) -> Sequence[PaymentAttempt]:
        rows = self.rows.values()
        due = [one for one in rows if one.status in LIVE and one.next_enquiry_at <= now][:limit]
        for one in due:
            asked = one.enquiries + 1
            again_at = next_enquiry(now=now, enquiries=asked, expires_at=one.expires_at)
            self.rows[one.id] = replace(one, enquiries=asked, next_enquiry_at=again_at)
        return due

    async def ask_soon(self, intent_id: UUID, *, at: datetime) -> None:
        for one in self.rows.values():
            if one.payment_intent_id == intent_id and one.status in LIVE:
                soon = min(one.next_enquiry_at, at)
                self.rows = self.rows | {one.id: replace(one, next_enquiry_at=soon)}

    async def save_answered(self, attempt: PaymentAttempt) -> None:
        stored = self.rows[attempt.id]
        if stored.status in LIVE:
            self.rows[attempt.id] = replace(stored, status=attempt.status)


class FakeNotifications:
    def __init__(self) -> None:
        self.rows: list[ProviderNotification] = []
        self.verdicts: dict[UUID, Verdict] = {}

    async def add_once(self, notification: ProviderNotification) -> Verdict | None:
        for one in self.rows:
            if (one.provider, one.notice.provider_reference, one.fingerprint) == (
                notification.provider,
                notification.notice.provider_reference,
                notification.fingerprint,
            ):
                return self.verdicts[one.id]
        self.rows.append(notification)
        return None

    async def conclude(self, notification_id: UUID, verdict: Verdict) -> None:
        self.verdicts[notification_id] = verdict


class FakeDiscrepancies:
    def __init__(self) -> None:
        self.rows: list[Discrepancy] = []

    async def add(self, discrepancy: Discrepancy) -> None:
        self.rows.append(discrepancy)

    async def list_page(
        self, *, reach: Reach, before: UUID | None, limit: int
    ) -> Sequence[Discrepancy]:
        latest = sorted(self.rows, key=lambda one: one.id, reverse=True)
        mine = [
            one
            for one in latest
            if reach.covers(client_id=one.client_id, agency_code=one.agency_code)
        ]
        return [one for one in mine if before is None or one.id < before][:limit]


class FakeLedger:
    def __init__(self) -> None:
        self.rows: list[LedgerTransaction] = []

    async def post(self, transaction: LedgerTransaction) -> None:
        assert transaction.cause not in {one.cause for one in self.rows}
        self.rows.append(transaction)

    async def list_balances(self, *, limit: int) -> Sequence[Balance]:
        sums: dict[tuple[str, str], int] = {}
        for entry in (entry for one in self.rows for entry in one.entries):
            key = entry.account, entry.amount.currency
            sign = 1 if entry.direction is Direction.DEBIT else -1
            sums[key] = sums.get(key, 0) + sign * entry.amount.minor_units
        return [Balance(*key, total) for key, total in sorted(sums.items())][:limit]


class FakePauses:
    def __init__(self) -> None:
        self.rows: dict[UUID, Pause] = {}
        self.put_off_by: list[Pause] = []

    async def begin(self, pause: Pause) -> None:
        self.rows.setdefault(pause.window_id, pause)

    async def end(self, pause: Pause) -> bool:
        known = self.rows.get(pause.window_id)
        self.rows[pause.window_id] = pause
        return known is None or known.ended_at is None

    async def deadline_time(self, now: datetime) -> datetime:
        still = [one.started_at for one in self.rows.values() if one.ended_at is None]
        return min([now, *still])

    async def put_off(self, pause: Pause) -> int:
        self.put_off_by.append(pause)
        return 0


class FakeMethods:
    def __init__(self) -> None:
        self.row: MethodSet | None = None

    async def find(self) -> MethodSet | None:
        return self.row

    async def keep_newest(self, published: MethodSet) -> None:
        if self.row is None or self.row.published_at < published.published_at:
            self.row = published


class FakeUnitOfWork:
    """Also a Reading. It cannot roll back: a test of that belongs to storage."""

    def __init__(self, *intents: PaymentIntent) -> None:
        self.fake_intents = FakeIntents(*intents)
        self.fake_attempts = FakeAttempts()
        self.fake_notifications = FakeNotifications()
        self.fake_discrepancies = FakeDiscrepancies()
        self.fake_ledger = FakeLedger()
        self.recorded = RecordingOutbox()
        self.intents: PaymentIntents = self.fake_intents
        self.attempts: PaymentAttempts = self.fake_attempts
        self.notifications: ProviderNotifications = self.fake_notifications
        self.discrepancies: Discrepancies = self.fake_discrepancies
        self.ledger: Ledger = self.fake_ledger
        self.fake_refunds = FakeRefunds()
        self.refunds: Refunds = self.fake_refunds
        self.fake_pauses = FakePauses()
        self.pauses: Pauses = self.fake_pauses
        self.fake_methods = FakeMethods()
        self.methods: PublishedMethods = self.fake_methods
        self.outbox: Outbox = self.recorded
        self.inbox: Inbox = SetInbox()
        self.is_open = False

    async def __aenter__(self) -> Self:
        assert not self.is_open
        self.is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.is_open = False


@dataclass
class FakeProvider:
    """Parses like the sandbox; answers enquiries as told, and notes what it was asked."""

    name: str = "sandbox"
    client_id: str = "bank-sandbox"
    capabilities: frozenset[Capability] = frozenset(Capability)
    methods: frozenset[Method] = frozenset(Method)
    settling_evidence_levels: frozenset[str] = frozenset({"P1", "P2"})
    said: EnquiryAnswer = NO_MONEY
    checkout: Checkout | None = field(default_factory=Checkout)
    refund_said: RefundAnswer = REFUNDED
    asked: list[str] = field(default_factory=list)
    orders: list[CheckoutOrder] = field(default_factory=list)
    refunds: list[RefundOrder] = field(default_factory=list)
    uow: FakeUnitOfWork | None = None

    def parse_notification(self, raw: bytes) -> ProviderNotice:
        return BankPayment.model_validate_json(raw).to_notice()

    def answer(self, raw: bytes, verdict: Verdict) -> ProviderAnswer | None:
        return None

    def order_reference(self, seed: OrderSeed) -> str:
        return f"{seed.bill_reference}{seed.number:02d}"

    async def start_checkout(self, order: CheckoutOrder) -> Checkout:
        self._outside_of_transactions()
        self.orders.append(order)
        if self.checkout is None:
            raise ProviderUnavailable(self.name, "told so by the test")
        return self.checkout

    async def enquire(self, question: Question) -> EnquiryAnswer:
        self._outside_of_transactions()
        self.asked.append(question.bill_reference or "")
        return self.said

    async def refund(self, order: RefundOrder) -> RefundAnswer:
        self._outside_of_transactions()
        self.refunds.append(order)
        return self.refund_said

    async def enquire_refund(self, order: RefundOrder) -> RefundAnswer:
        self._outside_of_transactions()
        return self.refund_said

    def _outside_of_transactions(self) -> None:
        assert self.uow is None or not self.uow.is_open, "a provider is asked in no transaction"
