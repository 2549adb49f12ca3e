"""Stand-ins for the ports: the same promises as storage, kept in dictionaries."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from pydantic import ValidationError

from chassis.ports import Inbox, Outbox
from chassis.testing import RecordingOutbox, SetInbox
from services.payment.domain.discrepancies.discrepancy import Discrepancy
from services.payment.domain.errors import (
    ProviderUnavailable,
    UnknownPaymentIntent,
    UnreadableNotice,
)
from services.payment.domain.intents.bill_reference import NamedReferences, plain
from services.payment.domain.intents.method import FLOWS, Flow, Method
from services.payment.domain.intents.pause import Pause
from services.payment.domain.intents.payment_attempt import (
    LIVE,
    AttemptStatus,
    PaymentAttempt,
    next_enquiry,
)
from services.payment.domain.intents.payment_intent import (
    ALLOWED,
    Confirmation,
    PaymentIntent,
    Status,
)
from services.payment.domain.methods.published import MethodSet
from services.payment.domain.notices.provider_notification import (
    EarlierWord,
    Outcome,
    ProviderNotice,
    ProviderNotification,
    Verdict,
    WeakNotification,
)
from services.payment.ports.batches import BillBatches
from services.payment.ports.bills import Agencies, Bills
from services.payment.ports.counter import CashDrawers, CounterPayments
from services.payment.ports.discrepancies import Discrepancies
from services.payment.ports.intents import (
    IntentFilter,
    PaidAttempt,
    Pauses,
    PaymentAttempts,
    PaymentIntents,
)
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
from services.payment.ports.receipting import ReceiptWatch
from services.payment.ports.refunds import Refunds
from services.payment.providers.bank import BankPayment
from tests.payment.counter.fakes import FakeCounterPayments, FakeDrawers
from tests.payment.discrepancies.fake_discrepancies import FakeDiscrepancies
from tests.payment.ledger.fake_ledger import FakeLedger
from tests.payment.refunds.fake import FakeRefunds
from tests.payment.settlements.fake import NoSettlements

NO_MONEY: Final = EnquiryAnswer(outcome=Outcome.FAILED)
REFUNDED: Final = RefundAnswer(outcome=RefundOutcome.SUCCEEDED)


class FakeIntents:
    def __init__(self, *intents: PaymentIntent) -> None:
        self.rows = {intent.id: intent for intent in intents}
        self.confirmed: dict[tuple[UUID, Method], Confirmation] = {}
        self.live: Callable[[UUID], bool] = lambda _intent_id: False

    async def get(self, intent_id: UUID) -> PaymentIntent:
        if intent_id not in self.rows:
            raise UnknownPaymentIntent(intent_id)
        return self.rows[intent_id]

    async def get_for_update(self, intent_id: UUID) -> PaymentIntent:
        return await self.get(intent_id)

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

    async def find_fitting(self, notice: ProviderNotice) -> PaymentIntent | None:
        found = [
            one
            for one in self.rows.values()
            if one.status is Status.CONFIRMED
            and one.confirmation is not None
            and one.payee.account_number == notice.account_number
            and notice.bank_bin in (None, one.payee.bank_bin)
            and one.amount == notice.amount
            and one.confirmation.confirmed_at <= notice.paid_at < one.expires_at
        ]
        return found[0] if len(found) == 1 else None

    async def add_once(self, intent: PaymentIntent) -> bool:
        if intent.id in self.rows:
            return False
        self.rows[intent.id] = intent
        return True

    async def save_confirmed(self, intent: PaymentIntent) -> bool:
        return self._save(intent, leaving=Status.CREATED)

    async def add_confirmed_method(self, intent_id: UUID, confirmation: Confirmation) -> bool:
        key = (intent_id, confirmation.method)
        if key in self.confirmed:
            return False
        self.confirmed[key] = confirmation
        return True

    async def find_confirmation(self, intent_id: UUID, method: Method) -> UUID | None:
        agreed = self.confirmed.get((intent_id, method))
        return agreed.id if agreed else None

    async def find_agreement(self, intent: PaymentIntent, method: Method) -> Confirmation | None:
        return self.confirmed.get((intent.id, method))

    async def save_cancelled(self, intent_id: UUID) -> bool:
        intent = self.rows[intent_id]
        if Status.CANCELLED not in ALLOWED[intent.status]:
            return False
        self.rows[intent_id] = intent.move_to(Status.CANCELLED)
        return True

    async def save_revived(self, intent: PaymentIntent) -> bool:
        return self._save(intent, leaving=Status.EXPIRED)

    async def save_succeeded(self, intent: PaymentIntent, *, at: datetime) -> bool:
        return self._save(intent, leaving=Status.CONFIRMED)

    async def save_expired(self, intent_id: UUID, *, now: datetime) -> bool:
        intent = self.rows[intent_id]
        if intent.expires_at > now or self.live(intent_id):
            return False
        return self._save(replace(intent, status=Status.EXPIRED), leaving=Status.CONFIRMED)

    async def expire_unconfirmed(self, *, now: datetime, limit: int) -> Sequence[PaymentIntent]:
        waiting = [one for one in self.rows.values() if one.status is Status.CREATED]
        overdue = sorted((one.expires_at, one.id) for one in waiting if one.expires_at <= now)
        for _, id in overdue[:limit]:
            self.rows[id] = self.rows[id].move_to(Status.EXPIRED)
        return [self.rows[id] for _, id in overdue[:limit]]

    async def list_page(
        self, wanted: IntentFilter, *, before: UUID | None, limit: int
    ) -> Sequence[PaymentIntent]:
        latest = sorted(self.rows.values(), key=lambda one: one.id, reverse=True)
        return [
            one
            for one in latest
            if wanted.reach.covers(client_id=one.client_id, agency_code=one.agency_code)
            and wanted.status in (None, one.status)
            and wanted.dossier_id in (None, one.dossier_id)
            and wanted.reference in (None, one.reference)
            and wanted.batch_id in (None, one.bill and one.bill.batch_id)
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

    async def add_once(self, attempt: PaymentAttempt) -> bool:
        for one in self.rows.values():
            taken = (one.provider, one.order_reference) == (
                attempt.provider,
                attempt.order_reference,
            )
            if taken and attempt.order_reference is not None:
                return False
        if await self.find_live(attempt.payment_intent_id, attempt.method) is not None:
            return False
        self.rows[attempt.id] = attempt
        return True

    async def find_live(self, intent_id: UUID, method: Method) -> PaymentAttempt | None:
        return self._find(
            lambda one: one.is_live and (one.payment_intent_id, one.method) == (intent_id, method)
        )

    async def list_of_intent(self, intent_id: UUID, *, limit: int) -> Sequence[PaymentAttempt]:
        mine = [one for one in self.rows.values() if one.payment_intent_id == intent_id]
        return sorted(mine, key=lambda one: one.number)[:limit]

    async def last_number(self, intent_id: UUID) -> int:
        mine = [one.number for one in self.rows.values() if one.payment_intent_id == intent_id]
        return max(mine, default=0)

    async def find_by_order(self, provider: str, order_reference: str) -> PaymentAttempt | None:
        return self._find(
            lambda one: (one.provider, one.order_reference) == (provider, order_reference)
        )

    async def find_by_alias(self, provider: str, alias_account: str) -> PaymentAttempt | None:
        return self._find(
            lambda one: (one.provider, one.alias_account) == (provider, alias_account)
        )

    def _find(self, fits: Callable[[PaymentAttempt], bool]) -> PaymentAttempt | None:
        return next((one for one in reversed(self.rows.values()) if fits(one)), None)

    async def save_started(self, attempt: PaymentAttempt) -> bool:
        if self.rows[attempt.id].status is not AttemptStatus.CREATED:
            return False
        self.rows[attempt.id] = attempt
        return True

    async def save_ended(self, attempt: PaymentAttempt, *, at: datetime) -> bool:
        if not self.rows[attempt.id].is_live:
            return False
        self.rows[attempt.id] = attempt
        return True

    async def end_paid(self, intent_id: UUID, *, paid: PaidAttempt, at: datetime) -> None:
        if paid.attempt_id is not None:
            one = self.rows[paid.attempt_id]
            self.rows[one.id] = one.move_to(AttemptStatus.SUCCEEDED)
        for one in list(self.rows.values()):
            code = FLOWS[one.method] in (Flow.CODE, Flow.TRANSFER)
            if one.payment_intent_id == intent_id and one.is_live and code:
                brought = paid.attempt_id is None and one.provider == paid.provider
                end = AttemptStatus.SUCCEEDED if brought else AttemptStatus.CANCELLED
                self.rows[one.id] = one.move_to(end)

    async def count_unknown(self, *, before: datetime) -> int:
        unknown = [one for one in self.rows.values() if one.status is AttemptStatus.UNKNOWN]
        return len([one for one in unknown if one.started_at < before])

    async def end_live(self, intent_id: UUID, status: AttemptStatus, *, at: datetime) -> None:
        for one in self.rows.values():
            if one.payment_intent_id == intent_id and one.is_live:
                self.rows = self.rows | {one.id: one.move_to(status)}

    async def claim_due(self, *, now: datetime, limit: int) -> Sequence[PaymentAttempt]:
        rows = self.rows.values()
        due = [one for one in rows if one.status in LIVE and one.next_enquiry_at <= now][:limit]
        for one in due:
            asked = one.enquiries + 1
            again_at = next_enquiry(now=now, enquiries=asked, expires_at=one.expires_at)
            self.rows[one.id] = replace(one, enquiries=asked, next_enquiry_at=again_at)
        return due

    async def save_answered(self, attempt: PaymentAttempt) -> None:
        stored = self.rows[attempt.id]
        if stored.status in LIVE:
            self.rows[attempt.id] = replace(stored, status=attempt.status)


class FakeNotifications:
    def __init__(self) -> None:
        self.rows: list[ProviderNotification] = []
        self.verdicts: dict[UUID, Verdict] = {}
        self.unchecked: dict[UUID, ProviderNotification] = {}
        self.cases: Callable[[], Sequence[Discrepancy]] = tuple

    async def add_once(self, notification: ProviderNotification) -> Verdict | None:
        for one in self.rows:
            if (one.provider, one.notice.provider_reference, one.fingerprint) == (
                notification.provider,
                notification.notice.provider_reference,
                notification.fingerprint,
            ):
                return self.verdicts[one.id]
        self.rows.append(notification)
        if notification.needs_check:
            self.unchecked[notification.id] = notification
        return None

    async def list_words(self, notification: ProviderNotification) -> Sequence[EarlierWord]:
        same = [
            one
            for one in self.rows
            if (one.provider, one.notice.provider_reference)
            == (notification.provider, notification.notice.provider_reference)
            and one.id != notification.id
            and not one.is_weak
        ]
        return [self._word(one) for one in same]

    def _word(self, said: ProviderNotification) -> EarlierWord:
        verdict = self.verdicts.get(said.id)
        case = next((one for one in self.cases() if one.notification_id == said.id), None)
        return EarlierWord(
            notification_id=said.id,
            fingerprint=said.fingerprint,
            outcome=said.notice.outcome,
            amount=said.notice.amount,
            settled=verdict is not None and verdict.status == "settled",
            case_id=case.id if case else None,
            holds_money=case is not None and case.holds_money,
        )

    async def claim_unchecked(self, *, now: datetime, limit: int) -> Sequence[WeakNotification]:
        return [
            WeakNotification(
                id=one.id, provider=one.provider, raw=one.raw, received_at=one.received_at
            )
            for one in list(self.unchecked.values())[:limit]
        ]

    async def finish_check(self, notification_id: UUID) -> None:
        del self.unchecked[notification_id]

    async def conclude(self, notification_id: UUID, verdict: Verdict) -> None:
        self.verdicts[notification_id] = verdict


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


class FakeUnitOfWork(NoSettlements):
    """Also a Reading. It cannot roll back: a test of that belongs to storage.

    Bills and the watch over receipts are tried on real databases alone.
    """

    agencies: Agencies
    bills: Bills
    batches: BillBatches
    receipts: ReceiptWatch

    def __init__(self, *intents: PaymentIntent) -> None:
        self.fake_intents = FakeIntents(*intents)
        self.fake_attempts = FakeAttempts()
        self.fake_notifications = FakeNotifications()
        self.fake_discrepancies = FakeDiscrepancies()
        self.fake_ledger = FakeLedger()
        self.fake_notifications.cases = lambda: self.fake_discrepancies.rows
        self.fake_intents.live = lambda id: any(
            one.payment_intent_id == id and one.is_live for one in self.fake_attempts.rows.values()
        )
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
        self.drawers: CashDrawers = FakeDrawers()
        self.counter_payments: CounterPayments = FakeCounterPayments()
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
    dies: bool = False
    refund_said: RefundAnswer = REFUNDED
    asked: list[str] = field(default_factory=list)
    orders: list[CheckoutOrder] = field(default_factory=list)
    refunds: list[RefundOrder] = field(default_factory=list)
    uow: FakeUnitOfWork | None = None

    def parse_notification(self, raw: bytes) -> ProviderNotice:
        try:
            return BankPayment.model_validate_json(raw).to_notice()
        except ValidationError:
            raise UnreadableNotice(self.name, None) from None

    def answer(self, raw: bytes, verdict: Verdict) -> ProviderAnswer | None:
        return None

    def order_reference(self, seed: OrderSeed) -> str:
        return f"{seed.bill_reference}{seed.number:02d}"

    async def start_checkout(self, order: CheckoutOrder) -> Checkout:
        self._outside_of_transactions()
        self.orders.append(order)
        if self.dies:
            raise asyncio.CancelledError
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
