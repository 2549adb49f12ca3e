"""Intents, attempts, notices, discrepancies and the ledger.

The triggers that make the ledger balanced and append-only follow in 0002.
"""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0001"
down_revision = None

UNCONFIRMED = "status = 'created'"
LIVE_ATTEMPT = "status IN ('pending', 'unknown')"


def upgrade() -> None:
    _create_plumbing()
    _create_payment_intent()
    _create_payment_attempt()
    _create_provider_notification()
    _create_discrepancy()
    _create_ledger()


def downgrade() -> None:
    for table in (
        "ledger_entry",
        "ledger_transaction",
        "discrepancy",
        "provider_notification",
        "payment_attempt",
        "payment_intent",
        "inbox",
        "outbox",
    ):
        op.drop_table(table)


def _create_plumbing() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", Utc, nullable=False),
    )
    op.create_index("outbox_stored_at_idx", "outbox", ["stored_at"])
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("consumer", sa.String(100), primary_key=True),
        sa.Column("claimed_at", Utc, nullable=False, index=True),
    )


def _create_payment_intent() -> None:
    op.create_table(
        "payment_intent",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("dossier_id", sa.Uuid, nullable=False, index=True),
        sa.Column("dossier_code", sa.String(50), nullable=False),
        sa.Column("plain_dossier_code", sa.String(50), nullable=False, index=True),
        sa.Column("procedure_code", sa.String(50), nullable=False),
        sa.Column("procedure_name", sa.Text, nullable=False),
        sa.Column("agency_code", sa.String(50), nullable=False),
        sa.Column("agency_name", sa.Text, nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("lines", Document, nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("payee_bank_bin", sa.String(8), nullable=False),
        sa.Column("payee_account_number", sa.String(19), nullable=False),
        sa.Column("payee_account_name", sa.Text, nullable=False),
        sa.Column("payer_sealed", sa.Text, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("confirmation_id", sa.Uuid, unique=True),
        sa.Column("confirmation_evidence_id", sa.String(100)),
        sa.Column("method", sa.String(20)),
        sa.Column("assurance", sa.String(100)),
        sa.Column("confirmed_at", Utc),
        sa.Column("bill_reference", sa.String(12), unique=True),
        sa.Column("qr_payload", sa.String(512)),
        sa.Column("provider", sa.String(50)),
        sa.Column("provider_reference", sa.String(100)),
        sa.Column("evidence_level", sa.String(10)),
        sa.Column("paid_at", Utc),
        sa.Column("succeeded_at", Utc),
        sa.CheckConstraint("amount_minor_units > 0", name="amount"),
        sa.CheckConstraint(
            "status IN ('created', 'confirmed', 'succeeded', 'expired', 'cancelled')",
            name="status",
        ),
        sa.CheckConstraint(
            "status NOT IN ('confirmed', 'succeeded') OR confirmation_evidence_id IS NOT NULL",
            name="confirmation",
        ),
        sa.CheckConstraint(
            "(status = 'succeeded') = (provider_reference IS NOT NULL)", name="provider_reference"
        ),
    )
    op.create_index("payment_intent_client_id_id_idx", "payment_intent", ["client_id", "id"])
    op.create_index(
        "payment_intent_unconfirmed_idx",
        "payment_intent",
        ["expires_at"],
        postgresql_where=sa.text(UNCONFIRMED),
        sqlite_where=sa.text(UNCONFIRMED),
    )


def _create_payment_attempt() -> None:
    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("payment_intent_id", sa.Uuid, sa.ForeignKey("payment_intent.id"), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("bill_reference", sa.String(12), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("started_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("ended_at", Utc),
        sa.Column("enquiries", sa.Integer, nullable=False),
        sa.Column("next_enquiry_at", Utc, nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'unknown', 'succeeded', 'expired')", name="status"
        ),
    )
    op.create_index(
        "payment_attempt_live_key",
        "payment_attempt",
        ["payment_intent_id", "method"],
        unique=True,
        postgresql_where=sa.text(LIVE_ATTEMPT),
        sqlite_where=sa.text(LIVE_ATTEMPT),
    )
    op.create_index(
        "payment_attempt_next_enquiry_at_idx",
        "payment_attempt",
        ["next_enquiry_at"],
        postgresql_where=sa.text(LIVE_ATTEMPT),
        sqlite_where=sa.text(LIVE_ATTEMPT),
    )


def _create_provider_notification() -> None:
    op.create_table(
        "provider_notification",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("provider_reference", sa.String(100), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("notice_id", sa.String(100)),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("paid_at", Utc, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("proof", Document),
        sa.Column("evidence_id", sa.String(100)),
        sa.Column("evidence_level", sa.String(10), nullable=False),
        sa.Column("received_at", Utc, nullable=False),
        sa.Column("verdict", sa.String(10)),
        sa.Column("payment_intent_id", sa.Uuid, sa.ForeignKey("payment_intent.id"), index=True),
        sa.Column("discrepancy_reason", sa.String(30)),
        sa.UniqueConstraint("provider", "provider_reference", "fingerprint"),
        sa.CheckConstraint("verdict IN ('settled', 'kept')", name="verdict"),
    )


def _create_discrepancy() -> None:
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column(
            "provider_notification_id",
            sa.Uuid,
            sa.ForeignKey("provider_notification.id"),
            nullable=False,
            unique=True,
        ),
        sa.Column("payment_intent_id", sa.Uuid, sa.ForeignKey("payment_intent.id"), index=True),
        sa.Column("client_id", sa.String(100)),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("owner_role", sa.String(20), nullable=False),
        sa.Column("expected_minor_units", Big),
        sa.Column("expected_currency", sa.String(3)),
        sa.Column("received_minor_units", Big, nullable=False),
        sa.Column("proposed_refund_minor_units", Big),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("provider_reference", sa.String(100), nullable=False),
        sa.Column("found_at", Utc, nullable=False),
        sa.Column("due_at", Utc, nullable=False),
    )
    op.create_index("discrepancy_client_id_id_idx", "discrepancy", ["client_id", "id"])
    op.create_index("discrepancy_status_due_at_idx", "discrepancy", ["status", "due_at"])


def _create_ledger() -> None:
    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cause", sa.String(100), nullable=False, unique=True),
        sa.Column("posted_at", Utc, nullable=False),
    )
    op.create_table(
        "ledger_entry",
        sa.Column(
            "ledger_transaction_id",
            sa.Uuid,
            sa.ForeignKey("ledger_transaction.id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("direction", sa.String(6), nullable=False),
        sa.Column("amount_minor_units", Big, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.CheckConstraint("amount_minor_units > 0", name="amount"),
        sa.CheckConstraint("direction IN ('debit', 'credit')", name="direction"),
    )
    op.create_index("ledger_entry_account_idx", "ledger_entry", ["account", "currency"])
