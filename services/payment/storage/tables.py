"""Tables of the payment service. Triggers that guard the ledger are in the migration."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
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

from chassis.db import Big, Document, Utc, new_metadata
from chassis.inbox import inbox_table
from chassis.outbox import outbox_table
from services.payment.domain.payment_attempt import LIVE

METADATA = new_metadata()
OUTBOX = outbox_table(METADATA)
INBOX = inbox_table(METADATA)


def _names(states: Iterable[StrEnum]) -> str:
    return ", ".join(sorted(f"'{state}'" for state in states))


LIVE_ATTEMPT = f"status IN ({_names(LIVE)})"
UNCONFIRMED = "status = 'created'"

PAYMENT_INTENT = Table(
    "payment_intent",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("dossier_id", Uuid, nullable=False, index=True),
    Column("dossier_code", String(50), nullable=False),
    Column("plain_dossier_code", String(50), nullable=False, index=True),
    Column("procedure_code", String(50), nullable=False),
    Column("procedure_name", Text, nullable=False),
    Column("agency_code", String(50), nullable=False),
    Column("agency_name", Text, nullable=False),
    Column("client_id", String(100), nullable=False),
    Column("lines", Document, nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("payee_bank_bin", String(8), nullable=False),
    Column("payee_account_number", String(19), nullable=False),
    Column("payee_account_name", Text, nullable=False),
    Column("payer_sealed", Text, nullable=False),
    Column("status", String(10), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("confirmation_id", Uuid, unique=True),
    Column("confirmation_evidence_id", String(100)),
    Column("method", String(20)),
    Column("assurance", String(100)),
    Column("confirmed_at", Utc),
    Column("bill_reference", String(12), unique=True),
    Column("qr_payload", String(512)),
    Column("provider", String(50)),
    Column("provider_reference", String(100)),
    Column("evidence_level", String(10)),
    Column("paid_at", Utc),
    Column("succeeded_at", Utc),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    CheckConstraint(
        "status IN ('created', 'confirmed', 'succeeded', 'expired', 'cancelled')", name="status"
    ),
    # Nobody's fee is collected without the payer's proved word.
    CheckConstraint(
        "status NOT IN ('confirmed', 'succeeded') OR confirmation_evidence_id IS NOT NULL",
        name="confirmation",
    ),
    CheckConstraint(
        "(status = 'succeeded') = (provider_reference IS NOT NULL)", name="provider_reference"
    ),
    Index("payment_intent_client_id_id_idx", "client_id", "id"),
    Index("payment_intent_agency_code_id_idx", "agency_code", "id"),
    Index(
        "payment_intent_unconfirmed_idx",
        "expires_at",
        postgresql_where=text(UNCONFIRMED),
        sqlite_where=text(UNCONFIRMED),
    ),
)

PAYMENT_ATTEMPT = Table(
    "payment_attempt",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), nullable=False),
    Column("method", String(20), nullable=False),
    Column("provider", String(50), nullable=False),
    Column("bill_reference", String(12), nullable=False),
    Column("status", String(10), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("enquiries", Integer, nullable=False),
    Column("next_enquiry_at", Utc, nullable=False),
    CheckConstraint("status IN ('pending', 'unknown', 'succeeded', 'expired')", name="status"),
    Index(
        "payment_attempt_live_key",
        "payment_intent_id",
        "method",
        unique=True,
        postgresql_where=text(LIVE_ATTEMPT),
        sqlite_where=text(LIVE_ATTEMPT),
    ),
    Index(
        "payment_attempt_next_enquiry_at_idx",
        "next_enquiry_at",
        postgresql_where=text(LIVE_ATTEMPT),
        sqlite_where=text(LIVE_ATTEMPT),
    ),
)

PROVIDER_NOTIFICATION = Table(
    "provider_notification",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("provider", String(50), nullable=False),
    Column("provider_reference", String(100), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("source", String(10), nullable=False),
    Column("notice_id", String(100)),
    Column("outcome", String(10), nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("paid_at", Utc, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("proof", Document),
    Column("evidence_id", String(100)),
    Column("evidence_level", String(10), nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("verdict", String(10)),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), index=True),
    Column("discrepancy_reason", String(30)),
    UniqueConstraint("provider", "provider_reference", "fingerprint"),
    CheckConstraint("verdict IN ('settled', 'kept')", name="verdict"),
)

DISCREPANCY = Table(
    "discrepancy",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column(
        "provider_notification_id",
        Uuid,
        ForeignKey("provider_notification.id"),
        nullable=False,
        unique=True,
    ),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), index=True),
    Column("client_id", String(100)),
    Column("agency_code", String(50)),
    Column("reason", String(30), nullable=False),
    Column("status", String(10), nullable=False),
    Column("owner_role", String(20), nullable=False),
    Column("expected_minor_units", Big),
    Column("expected_currency", String(3)),
    Column("received_minor_units", Big, nullable=False),
    Column("proposed_refund_minor_units", Big),
    Column("currency", String(3), nullable=False),
    Column("provider", String(50), nullable=False),
    Column("provider_reference", String(100), nullable=False),
    Column("found_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Index("discrepancy_client_id_id_idx", "client_id", "id"),
    Index("discrepancy_agency_code_id_idx", "agency_code", "id"),
    Index("discrepancy_status_due_at_idx", "status", "due_at"),
)

LEDGER_TRANSACTION = Table(
    "ledger_transaction",
    METADATA,
    Column("id", Uuid, primary_key=True),
    # Whatever the code believes, one cause moves money once.
    Column("cause", String(100), nullable=False, unique=True),
    Column("posted_at", Utc, nullable=False),
)

LEDGER_ENTRY = Table(
    "ledger_entry",
    METADATA,
    Column(
        "ledger_transaction_id",
        Uuid,
        # Entries go in first, so that the transaction's trigger can weigh them.
        ForeignKey("ledger_transaction.id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("account", String(100), nullable=False),
    Column("direction", String(6), nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    CheckConstraint("direction IN ('debit', 'credit')", name="direction"),
    Index("ledger_entry_account_idx", "account", "currency"),
)

# Planned stops; few, and kept for good.
PAUSE = Table(
    "pause",
    METADATA,
    Column("window_id", Uuid, primary_key=True),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    CheckConstraint("ended_at >= started_at", name="ends_after_start"),
)
