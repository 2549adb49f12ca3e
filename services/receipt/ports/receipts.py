"""Receipts, what they are made of, and the documents that were signed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.receipt.domain.receipts.fee import PaidFee
from services.receipt.domain.receipts.receipt import Document, Form, Receipt
from services.receipt.domain.receipts.refund_note import RefundNote
from services.receipt.domain.receipts.standing import Corrected
from services.receipt.domain.series.series import ReceiptSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """Receipts that have a number and no signature yet; since when the oldest of them has it."""

    count: int
    oldest: datetime | None


class PaidFees(Protocol):
    async def add_new(self, fees: Sequence[PaidFee]) -> frozenset[UUID]:
        """The payments that have not been here before, under whatever event id."""


class Receipts(Protocol):
    async def add(self, receipts: Sequence[Receipt]) -> None: ...

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Receipt]: ...

    async def list_of_payments(self, payment_intent_ids: Collection[UUID]) -> Sequence[Receipt]:
        """What they were receipted with, without what corrected it."""

    async def get_for_update(self, receipt_id: UUID) -> Receipt:
        """Whoever corrects one of its payment takes it first. Raises ReceiptNotFound."""

    async def find(self, receipt_id: UUID) -> Receipt | None: ...

    async def mark_corrected(self, receipt_id: UUID, corrected: Corrected) -> None: ...

    async def mark_adjustments_cancelled(self, receipt_id: UUID) -> None:
        """What was to be read beside a receipt says nothing any more."""

    async def save_issued(self, receipts: Sequence[Receipt]) -> None:
        """Their signed originals are stored in the same transaction."""

    async def save_rendered(self, receipt_id: UUID) -> None:
        """The PDF is stored; nobody needs to make it any more."""

    async def list_unsigned(
        self, series: ReceiptSeries, *, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        """In the order of their numbers; without those put off beyond that moment."""

    async def measure_unsigned(self, *, due_before: datetime) -> Unsigned:
        """Of those whose signing was due before that moment."""

    async def put_off_signing(self, receipt_ids: Collection[UUID], *, until: datetime) -> None:
        """They cannot be signed as they are, and keep nobody else waiting."""

    async def claim_unrendered(
        self, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Receipt]:
        """Issued receipts without a PDF, lent to this caller until then."""


class RefundNotes(Protocol):
    async def add_once(self, note: RefundNote) -> None:
        """Before or after the receipt that it belongs to exists; a repeat changes nothing."""


class Documents(Protocol):
    async def add_new(self, documents: Sequence[Document]) -> frozenset[UUID]:
        """The receipts that had none of that form; what there is already will never change."""


class Archive(Protocol):
    """Looking without writing."""

    async def find(self, receipt_id: UUID) -> Receipt | None: ...

    async def find_by_lookup_code(self, lookup_code: str) -> Receipt | None: ...

    async def list_of_payment(self, payment_intent_id: UUID) -> Sequence[Receipt]: ...

    async def find_document(self, receipt_id: UUID, form: Form) -> Document | None: ...
