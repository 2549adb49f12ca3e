from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import Big, Document, Utc
from services.payment.domain.intents.payment_attempt import LIVE, AttemptStatus
from services.payment.domain.intents.source import BILLER_SIGNATURE
from services.payment.storage.metadata import METADATA


def _names(states: Iterable[StrEnum]) -> str:
    return ", ".join(sorted(f"'{state}'" for state in states))


LIVE_ATTEMPT: Final = f"status IN ({_names(LIVE)})"
UNCONFIRMED: Final = "status = 'created'"
OPEN: Final = "status = 'confirmed'"
IS_BILL: Final = "reference IS NOT NULL"
HAS_KEY: Final = "idempotency_key IS NOT NULL"
IN_BATCH: Final = "bill_batch_id IS NOT NULL"
PAID: Final = "status = 'succeeded'"


PAYMENT_INTENT: Final = Table(
    "payment_intent",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("dossier_id", Uuid, index=True),
    Column("dossier_code", String(50)),
    # Null for a bill: money that names a dossier is meant for the dossier's own fee.
    Column("plain_dossier_code", String(50), index=True),
    Column("procedure_code", String(50)),
    Column("procedure_name", Text),
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
    Column("paid_method", String(20)),
    Column("provider", String(50)),
    Column("provider_reference", String(100)),
    Column("evidence_level", String(10)),
    Column("paid_at", Utc),
    Column("succeeded_at", Utc),
    # What refunds have taken of the amount, and not given back.
    Column("refunded_minor_units", Big, nullable=False, server_default="0"),
    Column("source", String(10), nullable=False, server_default="dossier"),
    # A biller's own name of the bill, and by which request it was opened.
    Column("reference", String(50)),
    Column("request_fingerprint", String(64)),
    Column("idempotency_key", String(255)),
    Column("bill_batch_id", Uuid),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    CheckConstraint(
        "(source = 'bill') = (reference IS NOT NULL)"
        " AND (source = 'bill' OR dossier_id IS NOT NULL)"
        # Only a bill is confirmed by the word of whoever asks for it.
        f" AND (source = 'bill' OR assurance IS NULL OR assurance <> '{BILLER_SIGNATURE}')",
        name="source",
    ),
    CheckConstraint(
        "refunded_minor_units >= 0 AND refunded_minor_units <= amount_minor_units"
        " AND (refunded_minor_units = 0 OR status = 'succeeded')",
        name="refunded",
    ),
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
    Index(
        "payment_intent_open_at_payee_idx",
        "payee_account_number",
        "amount_minor_units",
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    Index("payment_intent_payee_idx", "payee_account_number", "payee_bank_bin", "agency_code"),
    Index("payment_intent_client_id_id_idx", "client_id", "id"),
    Index("payment_intent_agency_code_id_idx", "agency_code", "id"),
    # A biller opens nothing twice, by whichever way and however often it is sent.
    Index(
        "payment_intent_reference_key",
        "reference",
        "client_id",
        unique=True,
        postgresql_where=text(IS_BILL),
        sqlite_where=text(IS_BILL),
    ),
    Index(
        "payment_intent_idempotency_key_key",
        "client_id",
        "idempotency_key",
        unique=True,
        postgresql_where=text(HAS_KEY),
        sqlite_where=text(HAS_KEY),
    ),
    Index(
        "payment_intent_bill_batch_id_idx",
        "bill_batch_id",
        "id",
        postgresql_where=text(IN_BATCH),
        sqlite_where=text(IN_BATCH),
    ),
    Index(
        "payment_intent_unconfirmed_idx",
        "expires_at",
        postgresql_where=text(UNCONFIRMED),
        sqlite_where=text(UNCONFIRMED),
    ),
    # A settlement file asks by a provider's own reference, and for a provider's day.
    Index(
        "payment_intent_provider_reference_idx",
        "provider_reference",
        "provider",
        postgresql_where=text(PAID),
        sqlite_where=text(PAID),
    ),
    # Whoever watches the receipts walks along the settlements.
    Index(
        "payment_intent_succeeded_at_idx",
        "succeeded_at",
        postgresql_where=text(PAID),
        sqlite_where=text(PAID),
    ),
    Index(
        "payment_intent_paid_at_idx",
        "provider",
        "paid_at",
        postgresql_where=text(PAID),
        sqlite_where=text(PAID),
    ),
)


PAYMENT_ATTEMPT: Final = Table(
    "payment_attempt",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), nullable=False),
    Column("method", String(20), nullable=False),
    Column("provider", String(50), nullable=False),
    Column("number", Integer, nullable=False, server_default="1"),
    Column("bill_reference", String(12), nullable=False),
    Column("order_reference", String(50)),
    Column("bank_code", String(20)),
    Column("pay_url", Text),
    Column("alias_account", String(30)),
    Column("failure", String(200)),
    Column("status", String(10), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("enquiries", Integer, nullable=False),
    Column("next_enquiry_at", Utc, nullable=False),
    CheckConstraint(f"status IN ({_names(AttemptStatus)})", name="status"),
    # A provider's own name for an order leads to one attempt.
    UniqueConstraint("provider", "order_reference"),
    Index("payment_attempt_alias_account_idx", "alias_account"),
    Index("payment_attempt_payment_intent_id_idx", "payment_intent_id"),
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


# Each way to pay is agreed to for itself; the first agreement is the intent's own as well.
CONFIRMED_METHOD: Final = Table(
    "confirmed_method",
    METADATA,
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), primary_key=True),
    Column("method", String(20), primary_key=True),
    Column("confirmation_id", Uuid, nullable=False, unique=True),
    Column("evidence_id", String(100), nullable=False),
    Column("assurance", String(100), nullable=False),
    Column("confirmed_at", Utc, nullable=False),
)

# Planned stops; few, and kept for good.
PAUSE: Final = Table(
    "pause",
    METADATA,
    Column("window_id", Uuid, primary_key=True),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    CheckConstraint("ended_at >= started_at", name="ends_after_start"),
)
