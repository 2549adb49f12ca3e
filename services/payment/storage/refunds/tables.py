from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import Big, Document, Utc
from services.payment.domain.refunds.refund import AWAITED, RefundStatus
from services.payment.storage.metadata import METADATA


def _names(states: Iterable[StrEnum]) -> str:
    return ", ".join(sorted(f"'{state}'" for state in states))


AWAITED_REFUND: Final = f"status IN ({_names(AWAITED)})"
APPROVED_REFUND: Final = "status = 'approved'"
UNALARMED: Final = f"{AWAITED_REFUND} AND alarmed_at IS NULL"

REFUND: Final = Table(
    "refund",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("source_kind", String(12), nullable=False),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), index=True),
    Column("discrepancy_id", Uuid, ForeignKey("discrepancy.id"), index=True),
    Column("dossier_id", Uuid, index=True),
    Column("dossier_code", String(50)),
    Column("client_id", String(100)),
    Column("agency_code", String(50)),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("lines", Document, nullable=False),
    # What came in, as its provider knows it.
    Column("provider", String(50), nullable=False),
    Column("payment_reference", String(100), nullable=False),
    Column("order_reference", String(50)),
    Column("paid_minor_units", Big, nullable=False),
    Column("paid_at", Utc, nullable=False),
    Column("reason", Text, nullable=False),
    Column("account_sealed", Text),
    Column("requested_by_kind", String(10), nullable=False),
    Column("requested_by", String(100), nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_fingerprint", String(64), nullable=False),
    Column("requested_at", Utc, nullable=False),
    Column("status", String(10), nullable=False),
    Column("automatic_up_to_minor_units", Big),
    Column("decided_by", String(100)),
    Column("decided_at", Utc),
    Column("sending_at", Utc),
    Column("by_hand", Boolean, nullable=False),
    Column("enquiries", Integer, nullable=False),
    Column("next_enquiry_at", Utc),
    Column("alarmed_at", Utc),
    Column("reported_success", Boolean),
    Column("reported_reference", String(100)),
    Column("reported_by", String(100)),
    Column("reported_at", Utc),
    # The provider's last usable word, as evidence.
    Column("answer_raw", LargeBinary),
    Column("answer_proof", Document),
    Column("answer_evidence_level", String(10)),
    Column("provider_reference", String(100)),
    Column("failure", String(200)),
    Column("ended_by", String(100)),
    Column("ended_at", Utc),
    UniqueConstraint("requested_by_kind", "requested_by", "idempotency_key"),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    CheckConstraint("amount_minor_units <= paid_minor_units", name="within_paid"),
    CheckConstraint(f"status IN ({_names(RefundStatus)})", name="status"),
    CheckConstraint(
        "(source_kind = 'payment' AND payment_intent_id IS NOT NULL AND discrepancy_id IS NULL)"
        " OR (source_kind = 'discrepancy' AND discrepancy_id IS NOT NULL)",
        name="source",
    ),
    # Nothing is sent undecided, and nobody decides what they asked for themselves.
    CheckConstraint(
        "status IN ('requested', 'withdrawn') OR decided_at IS NOT NULL", name="decided"
    ),
    CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="two_people"),
    CheckConstraint(
        "decided_at IS NULL OR decided_by IS NOT NULL OR automatic_up_to_minor_units IS NOT NULL",
        name="decider",
    ),
    CheckConstraint(
        "automatic_up_to_minor_units IS NULL OR amount_minor_units <= automatic_up_to_minor_units",
        name="small_enough",
    ),
    Index("refund_client_id_id_idx", "client_id", "id"),
    Index("refund_provider_reference_idx", "provider_reference", "provider"),
    Index("refund_agency_code_id_idx", "agency_code", "id"),
    Index(
        "refund_approved_idx",
        "id",
        postgresql_where=text(APPROVED_REFUND),
        sqlite_where=text(APPROVED_REFUND),
    ),
    Index(
        "refund_next_enquiry_at_idx",
        "next_enquiry_at",
        postgresql_where=text(AWAITED_REFUND),
        sqlite_where=text(AWAITED_REFUND),
    ),
    Index(
        "refund_unalarmed_idx",
        "sending_at",
        postgresql_where=text(UNALARMED),
        sqlite_where=text(UNALARMED),
    ),
)
