"""What the use cases need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from chassis.ports import Inbox, Outbox
from services.receipt.domain.fee import CollectingBody, PaidFee, Payer
from services.receipt.domain.receipt import Document, Form, Receipt
from services.receipt.domain.refund_note import RefundNote
from services.receipt.domain.series import ReceiptRule, ReceiptSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnNumbers:
    """Neighbouring numbers and the instant they are dated by, which never runs backwards."""

    first: int
    numbered_at: datetime


class CollectingBodies(Protocol):
    async def save(self, body: CollectingBody, *, published_at: datetime) -> None:
        """Keep what was published last; older news arriving late changes nothing."""

    async def find(self, agency_code: str, *, on: date) -> CollectingBody | None: ...


class ReceiptRules(Protocol):
    async def find(self, *, on: date) -> ReceiptRule | None: ...


class SeriesBook(Protocol):
    async def draw(self, series: ReceiptSeries, *, count: int, now: datetime) -> DrawnNumbers:
        """Numbers that are ours if the transaction commits; nobody else can draw meanwhile."""


class PaidFees(Protocol):
    async def add_once(self, fee: PaidFee) -> bool:
        """False: this payment has been here before, under whatever event id."""


class Receipts(Protocol):
    async def add(self, receipts: Sequence[Receipt]) -> None: ...

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Receipt]: ...

    async def save_issued(self, receipt: Receipt) -> bool:
        """False: somebody else has issued it meanwhile, and their bytes stand."""

    async def save_rendered(self, receipt_id: UUID) -> None:
        """The PDF is stored; nobody needs to make it any more."""

    async def claim_unsigned(
        self, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        """Numbered receipts whose signing is due, lent to this caller until then."""

    async def claim_unrendered(
        self, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        """Issued receipts without a PDF, lent to this caller until then."""


class RefundNotes(Protocol):
    async def add_once(self, note: RefundNote) -> None:
        """Before or after the receipt that it belongs to exists; a repeat changes nothing."""


class Documents(Protocol):
    async def add_once(self, document: Document) -> bool:
        """False: there is one already, which will never change."""


class UnitOfWork(Protocol):
    @property
    def collecting_bodies(self) -> CollectingBodies: ...

    @property
    def rules(self) -> ReceiptRules: ...

    @property
    def series(self) -> SeriesBook: ...

    @property
    def fees(self) -> PaidFees: ...

    @property
    def receipts(self) -> Receipts: ...

    @property
    def refund_notes(self) -> RefundNotes: ...

    @property
    def documents(self) -> Documents: ...

    @property
    def inbox(self) -> Inbox: ...

    @property
    def outbox(self) -> Outbox: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Archive(Protocol):
    """Looking without writing."""

    async def find(self, receipt_id: UUID) -> Receipt | None: ...

    async def find_by_lookup_code(self, lookup_code: str) -> Receipt | None: ...

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Receipt]: ...

    async def find_document(self, receipt_id: UUID, form: Form) -> Document | None: ...


class XmlSigner(Protocol):
    def sign(self, receipt: Receipt, payer: Payer, *, at: datetime) -> bytes:
        """The original: the receipt as XML with the collecting body's signature inside."""


class PdfSigner(Protocol):
    async def sign(self, receipt: Receipt, payer: Payer, *, xml: bytes) -> bytes:
        """What people look at and print: shows the XML, carries it, and is signed as well."""
