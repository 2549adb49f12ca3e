"""The ports of the receipt house kept in memory. Leaving a transaction by an error undoes it."""

import json
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from chassis.events import EventData
from chassis.sealing import BrokenSeal
from services.receipt.domain.receipts.fee import CollectingBody, Kind, PaidFee, Payer
from services.receipt.domain.receipts.receipt import Document, Form, Receipt, Status
from services.receipt.domain.receipts.refund_note import RefundNote
from services.receipt.domain.receipts.standing import Corrected
from services.receipt.domain.series.choosing import Choice, Step
from services.receipt.domain.series.life import PLATFORM, Closing, SeriesLife, SeriesState
from services.receipt.domain.series.series import ReceiptRule, ReceiptSeries
from services.receipt.ports.receipts import Unsigned
from services.receipt.ports.series import DrawnNumbers

GRACE = timedelta(seconds=5)


@dataclass
class Kept:
    """Everything that a commit would make lasting."""

    bodies: dict[tuple[str, date], tuple[CollectingBody, datetime]] = field(default_factory=dict)
    rules: list[ReceiptRule] = field(default_factory=list)
    last: dict[ReceiptSeries, tuple[int, datetime]] = field(default_factory=dict)
    lives: dict[ReceiptSeries, SeriesLife] = field(default_factory=dict)
    fees: dict[UUID, PaidFee] = field(default_factory=dict)
    receipts: dict[UUID, Receipt] = field(default_factory=dict)
    signing_due: dict[UUID, datetime] = field(default_factory=dict)
    pdf_due: dict[UUID, datetime] = field(default_factory=dict)
    waiting: set[ReceiptSeries] = field(default_factory=set)
    leased: dict[ReceiptSeries, datetime] = field(default_factory=dict)
    documents: dict[tuple[UUID, Form], Document] = field(default_factory=dict)
    refund_notes: dict[tuple[UUID, Kind], RefundNote] = field(default_factory=dict)
    claimed: set[tuple[UUID, str]] = field(default_factory=set)
    said: list[EventData] = field(default_factory=list)


class FakeUnitOfWork:
    """Plays every repository itself: what they share is one memory."""

    def __init__(self, *rules: ReceiptRule) -> None:
        self.kept = Kept(rules=list(rules))
        self.must_be_planned = False
        self._before: Kept | None = None

    async def __aenter__(self) -> Self:
        assert self._before is None, "a transaction inside a transaction"
        self._before = deepcopy(self.kept)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        before, self._before = self._before, None
        if error is not None and before is not None:
            self.kept = before

    @property
    def open(self) -> bool:
        return self._before is not None

    @property
    def collecting_bodies(self) -> "FakeBodies":
        return FakeBodies(self)

    @property
    def rules(self) -> "FakeRules":
        return FakeRules(self)

    @property
    def series(self) -> "FakeSeriesBook":
        return FakeSeriesBook(self)

    @property
    def register(self) -> Any:
        raise AssertionError("nobody plans a series here")

    @property
    def registrations(self) -> Any:
        raise AssertionError("nobody registers here")

    @property
    def amendments(self) -> Any:
        raise AssertionError("nobody corrects here")

    @property
    def delegations(self) -> Any:
        raise AssertionError("nobody delegates here")

    @property
    def fees(self) -> "FakeFees":
        return FakeFees(self)

    @property
    def receipts(self) -> "FakeReceipts":
        return FakeReceipts(self)

    @property
    def refund_notes(self) -> "FakeRefundNotes":
        return FakeRefundNotes(self)

    @property
    def documents(self) -> "FakeDocuments":
        return FakeDocuments(self)

    @property
    def outside(self) -> Any:
        return NobodyOutside()

    @property
    def outside_findings(self) -> Any:
        raise AssertionError("nobody else issues here")

    @property
    def inbox(self) -> "FakeInbox":
        return FakeInbox(self)

    @property
    def outbox(self) -> "FakeOutbox":
        return FakeOutbox(self)


class _Part:
    def __init__(self, uow: FakeUnitOfWork) -> None:
        self._uow = uow

    @property
    def kept(self) -> Kept:
        return self._uow.kept


class FakeBodies(_Part):
    async def save(self, body: CollectingBody, *, published_at: datetime) -> None:
        key = (body.agency_code, body.valid_from)
        known = self.kept.bodies.get(key)
        if known is None or known[1] < published_at:
            self.kept.bodies[key] = (body, published_at)

    async def find(self, agency_code: str, *, on: date) -> CollectingBody | None:
        bodies = [body for body, _ in self.kept.bodies.values() if body.agency_code == agency_code]
        fits = [b for b in bodies if b.valid_from <= on and (b.valid_to or date.max) >= on]
        return max(fits, key=lambda body: body.valid_from, default=None)

    async def find_all(
        self, agency_codes: Collection[str], *, on: date
    ) -> Mapping[str, CollectingBody]:
        found = {code: await self.find(code, on=on) for code in agency_codes}
        return {code: body for code, body in found.items() if body is not None}


class FakeRefundNotes(_Part):
    async def add_once(self, note: RefundNote) -> None:
        self.kept.refund_notes.setdefault((note.refund_id, note.kind), note)


class FakeRules(_Part):
    async def find(self, *, on: date) -> ReceiptRule | None:
        fits = [r for r in self.kept.rules if r.valid_from <= on <= (r.valid_to or date.max)]
        return fits[0] if fits else None


class FakeSeriesBook(_Part):
    @property
    def must_be_planned(self) -> bool:
        return self._uow.must_be_planned

    async def list_of_year(self, agency_codes: Collection[str], year: int) -> Sequence[SeriesLife]:
        lives = self.kept.lives.values()
        return [o for o in lives if o.series.agency_code in agency_codes and o.year == year]

    async def prepare(self, choice: Choice, *, year: int, now: datetime) -> None:
        if choice.step is Step.DRAW:
            return
        life = self.kept.lives.get(choice.series) or SeriesLife.plan(
            choice.series,
            letters=choice.letters,
            year=year,
            face_value=choice.face_value,
            at=now,
            by=PLATFORM,
        )
        self.kept.lives[choice.series] = life.open(at=now, by=PLATFORM)

    async def draw(
        self, series: ReceiptSeries, *, count: int, numbers_max: int, now: datetime
    ) -> DrawnNumbers | None:
        life = self.kept.lives.get(series)
        if life is None or life.state is not SeriesState.OPEN:
            return None
        number, at = self.kept.last.get(series, (0, now))
        count, at = min(count, numbers_max - number), max(at, now)
        if not count:
            full = replace(life, state=SeriesState.CLOSED, closing=Closing.FULL, closed_at=now)
            self.kept.lives[series] = full
            return None
        self.kept.last[series] = (number + count, at)
        return DrawnNumbers(
            first=number + 1,
            count=count,
            numbered_at=at,
            signing_waits=series in self.kept.waiting,
        )

    async def let_signing_wait(self, series: Collection[ReceiptSeries]) -> None:
        self.kept.waiting |= set(series)

    async def lease_unsigned(self, *, now: datetime, until: datetime) -> ReceiptSeries | None:
        due = {id for id, at in self.kept.signing_due.items() if at <= now}
        left = self.kept.waiting | {self.kept.receipts[id].number.series for id in due}
        for series in sorted(left, key=lambda one: one.agency_code):
            if self.kept.leased.get(series, now) <= now:
                self.kept.leased[series] = until
                return series
        return None

    async def end_waiting(self, series: ReceiptSeries) -> None:
        self.kept.waiting.discard(series)

    async def release(self, series: ReceiptSeries, *, at: datetime) -> None:
        self.kept.leased[series] = at


class FakeFees(_Part):
    async def add_new(self, fees: Sequence[PaidFee]) -> frozenset[UUID]:
        new = {one.payment_intent_id: one for one in fees}
        new = {payment: fee for payment, fee in new.items() if payment not in self.kept.fees}
        self.kept.fees |= new
        return frozenset(new)


class FakeReceipts(_Part):
    async def add(self, receipts: Sequence[Receipt]) -> None:
        for one in receipts:
            self.kept.receipts[one.id] = one
            self.kept.signing_due[one.id] = one.numbered_at + GRACE

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Receipt]:
        receipts = self.kept.receipts.values()
        mine = [one for one in receipts if one.fee.payment_intent_id == payment_intent_id]
        return sorted(mine, key=lambda one: one.part)

    async def list_of_payments(self, payment_intent_ids: Collection[UUID]) -> Sequence[Receipt]:
        return [
            receipt
            for payment in sorted(payment_intent_ids)
            for receipt in await self.list_of_payment(payment)
        ]

    async def get_for_update(self, receipt_id: UUID) -> Receipt:
        return self.kept.receipts[receipt_id]

    async def find(self, receipt_id: UUID) -> Receipt | None:
        return self.kept.receipts.get(receipt_id)

    async def mark_adjustments_cancelled(self, receipt_id: UUID) -> None:
        raise AssertionError("nobody corrects here")

    async def mark_corrected(self, receipt_id: UUID, corrected: Corrected) -> None:
        marked = replace(self.kept.receipts[receipt_id], corrected=corrected)
        self.kept.receipts[receipt_id] = marked

    async def save_issued(self, receipts: Sequence[Receipt]) -> None:
        for receipt in receipts:
            assert self.kept.receipts[receipt.id].status is Status.NUMBERED
            self.kept.receipts[receipt.id] = receipt
            del self.kept.signing_due[receipt.id]
            self.kept.pdf_due[receipt.id] = receipt.require_issued() + GRACE

    async def save_rendered(self, receipt_id: UUID) -> None:
        self.kept.pdf_due.pop(receipt_id, None)

    async def list_unsigned(
        self, series: ReceiptSeries, *, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        due = [self.kept.receipts[id] for id, at in self.kept.signing_due.items() if at <= until]
        mine = [one for one in due if one.number.series == series]
        return sorted(mine, key=lambda one: one.number.number)[:limit]

    async def measure_unsigned(self, *, due_before: datetime) -> Unsigned:
        waiting = [self.kept.receipts[id].numbered_at for id in self.kept.signing_due]
        late = [at for at in waiting if at < due_before - GRACE]
        return Unsigned(count=len(late), oldest=min(late, default=None))

    async def put_off_signing(self, receipt_ids: Collection[UUID], *, until: datetime) -> None:
        self.kept.signing_due |= dict.fromkeys(receipt_ids, until)

    async def claim_unrendered(
        self, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        return self._claim(self.kept.pdf_due, now, until, limit)

    def _claim(
        self, due: dict[UUID, datetime], now: datetime, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        waiting = sorted((id for id, at in due.items() if at <= now), key=lambda id: due[id])
        due |= dict.fromkeys(waiting[:limit], until)
        return [self.kept.receipts[id] for id in waiting[:limit]]


class FakeDocuments(_Part):
    async def add_new(self, documents: Sequence[Document]) -> frozenset[UUID]:
        new = {(one.receipt_id, one.form): one for one in documents}
        new = {key: one for key, one in new.items() if key not in self.kept.documents}
        self.kept.documents |= new
        return frozenset(receipt_id for receipt_id, _form in new)


class NobodyOutside:
    """A province whose collecting bodies have no other issuer."""

    def issuer_of(self, agency_code: str) -> str | None:
        return None


class FakeInbox(_Part):
    async def claim(self, event_id: UUID, consumer: str) -> bool:
        first = (event_id, consumer) not in self.kept.claimed
        self.kept.claimed.add((event_id, consumer))
        return first

    async def claim_all(self, event_ids: Collection[UUID], consumer: str) -> frozenset[UUID]:
        return frozenset([one for one in event_ids if await self.claim(one, consumer)])


class FakeOutbox(_Part):
    async def add(self, data: EventData, *, subject: str) -> None:
        assert self._uow.open, "an event outside a transaction"
        self.kept.said.append(data)

    async def add_all(self, said: Sequence[tuple[EventData, str]]) -> None:
        for data, subject in said:
            await self.add(data, subject=subject)


class FakeArchive:
    def __init__(self, uow: FakeUnitOfWork) -> None:
        self._uow = uow

    async def find(self, receipt_id: UUID) -> Receipt | None:
        return self._uow.kept.receipts.get(receipt_id)

    async def find_by_lookup_code(self, lookup_code: str) -> Receipt | None:
        receipts = self._uow.kept.receipts.values()
        return next((one for one in receipts if one.lookup_code == lookup_code), None)

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Receipt]:
        return await self._uow.receipts.list_of_payment(payment_intent_id)

    async def find_document(self, receipt_id: UUID, form: Form) -> Document | None:
        return self._uow.kept.documents.get((receipt_id, form))


class FakeSeals:
    """A seal anybody can read, and that still breaks when it is not one."""

    def seal(self, value: Mapping[str, Any], *, purpose: str) -> str:
        return f"{purpose}:{json.dumps(dict(value))}"

    def unseal(self, text: str, *, purpose: str) -> dict[str, Any]:
        if not text.startswith(f"{purpose}:"):
            raise BrokenSeal
        value: dict[str, Any] = json.loads(text.removeprefix(f"{purpose}:"))
        return value


class FakeXmlSigner:
    """Refuses to work inside a transaction, as a remote signer would suffer from one."""

    def __init__(self, uow: FakeUnitOfWork) -> None:
        self._uow = uow
        self.signed: list[UUID] = []
        self.fails_with: Exception | None = None
        self.breaks_on: set[UUID] = set()

    async def sign(self, receipt: Receipt, payer: Payer, *, at: datetime) -> bytes:
        assert not self._uow.open, "signing while the series is locked"
        if self.fails_with is not None:
            raise self.fails_with
        if receipt.id in self.breaks_on:
            raise ZeroDivisionError
        self.signed.append(receipt.id)
        words = f"{receipt.number.printed} {payer.full_name} {len(self.signed)}"
        return words.encode()


class FakePdfSigner:
    def __init__(self) -> None:
        self.made = 0

    async def sign(self, receipt: Receipt, payer: Payer, *, xml: bytes) -> bytes:
        self.made += 1
        return b"%PDF- " + str(self.made).encode() + xml
