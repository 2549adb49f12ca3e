"""Create the tables of messages, webhooks, outbox and inbox."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Document, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_outbox_and_inbox()
    _create_messages()
    _create_webhooks()


def downgrade() -> None:
    for table in (
        "webhook_retry",
        "webhook_delivery",
        "webhook_endpoint",
        "delivery",
        "message",
        "inbox",
        "outbox",
    ):
        op.drop_table(table)


def _create_outbox_and_inbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
    )
    op.create_index("outbox_stored_at_idx", "outbox", ["stored_at"])
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(100), nullable=False),
        sa.Column("claimed_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "consumer", name="inbox_pkey"),
    )
    op.create_index("inbox_claimed_at_idx", "inbox", ["claimed_at"])


def _create_messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(50), nullable=False),
        sa.Column("subject_key", sa.String(200), nullable=False),
        sa.Column("recipient_sealed", sa.Text(), nullable=False),
        sa.Column("facts", Document, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(100)),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("finished_at", Utc()),
        sa.Column("lease_id", sa.Uuid()),
        sa.Column("leased_until", Utc()),
        sa.PrimaryKeyConstraint("id", name="message_pkey"),
        sa.UniqueConstraint("subject_key", name="message_subject_key_key"),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'failed')", name=op.f("message_state_check")
        ),
    )
    _create_partial_index("message_due_at_idx", "message", "state = 'queued'")
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(100)),
        sa.Column("tried_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="delivery_pkey"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="delivery_message_id_fkey"),
        sa.UniqueConstraint("message_id", "attempt", name="delivery_message_id_attempt_key"),
    )


def _create_webhooks() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("event_types", Document, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("failures_in_row", sa.Integer(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("request_fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="webhook_endpoint_pkey"),
        sa.UniqueConstraint(
            "client_id", "idempotency_key", name="webhook_endpoint_client_id_idempotency_key_key"
        ),
        sa.CheckConstraint(
            "state IN ('active', 'disabled', 'removed')", name=op.f("webhook_endpoint_state_check")
        ),
    )
    _create_webhook_delivery()
    op.create_table(
        "webhook_retry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("request_fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="webhook_retry_pkey"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_delivery.id"], name="webhook_retry_delivery_id_fkey"
        ),
        sa.UniqueConstraint(
            "client_id", "idempotency_key", name="webhook_retry_client_id_idempotency_key_key"
        ),
    )


def _create_webhook_delivery() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.String(100), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_for", sa.Boolean(), nullable=False),
        sa.Column("status_code", sa.Integer()),
        sa.Column("reason", sa.String(100)),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("finished_at", Utc()),
        sa.Column("lease_id", sa.Uuid()),
        sa.Column("leased_until", Utc()),
        sa.PrimaryKeyConstraint("id", name="webhook_delivery_pkey"),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name="webhook_delivery_endpoint_id_fkey"
        ),
        sa.UniqueConstraint(
            "endpoint_id", "event_id", name="webhook_delivery_endpoint_id_event_id_key"
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'delivered', 'failed')",
            name=op.f("webhook_delivery_state_check"),
        ),
    )
    _create_partial_index("webhook_delivery_due_at_idx", "webhook_delivery", "state = 'pending'")
    op.create_index("webhook_delivery_client_id_idx", "webhook_delivery", ["client_id", "id"])


def _create_partial_index(name: str, table: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, ["due_at"], postgresql_where=where, sqlite_where=where)
