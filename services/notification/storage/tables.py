"""The tables of this service; the migrations make the same ones."""

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

from chassis.db import Document, Utc, new_metadata
from chassis.inbox import inbox_table
from chassis.outbox import outbox_table

METADATA: Final = new_metadata()
OUTBOX: Final = outbox_table(METADATA)
INBOX: Final = inbox_table(METADATA)

_QUEUED = text("state = 'queued'")
_FAILED = text("state = 'failed'")
_PENDING = text("state = 'pending'")

MESSAGE: Final = Table(
    "message",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("template", String(50), nullable=False),
    Column("subject_key", String(200), nullable=False),
    Column("recipient_sealed", Text, nullable=False),
    Column("facts", Document, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", String(100)),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("finished_at", Utc),
    Column("lease_id", Uuid),
    Column("leased_until", Utc),
    UniqueConstraint("subject_key"),
    CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
    # Small for ever: a message that is done leaves it.
    Index("message_due_at_idx", "due_at", postgresql_where=_QUEUED, sqlite_where=_QUEUED),
    Index("message_failed_idx", "id", postgresql_where=_FAILED, sqlite_where=_FAILED),
)

DELIVERY: Final = Table(
    "delivery",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("message_id", Uuid, ForeignKey("message.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("reason", String(100)),
    Column("tried_at", Utc, nullable=False),
    UniqueConstraint("message_id", "attempt"),
)

WEBHOOK_ENDPOINT: Final = Table(
    "webhook_endpoint",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("client_id", String(100), nullable=False),
    Column("url", Text, nullable=False),
    Column("event_types", Document, nullable=False),
    Column("state", String(20), nullable=False),
    Column("failures_in_row", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_fingerprint", String(64), nullable=False),
    UniqueConstraint("client_id", "idempotency_key"),
    CheckConstraint("state IN ('active', 'disabled', 'removed')", name="state"),
)

WEBHOOK_DELIVERY: Final = Table(
    "webhook_delivery",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, ForeignKey("webhook_endpoint.id"), nullable=False),
    Column("client_id", String(100), nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", String(100), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("asked_for", Boolean, nullable=False),
    Column("status_code", Integer),
    Column("reason", String(100)),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("finished_at", Utc),
    Column("lease_id", Uuid),
    Column("leased_until", Utc),
    UniqueConstraint("endpoint_id", "event_id"),
    CheckConstraint("state IN ('pending', 'delivered', 'failed')", name="state"),
    Index(
        "webhook_delivery_due_at_idx", "due_at", postgresql_where=_PENDING, sqlite_where=_PENDING
    ),
    Index("webhook_delivery_client_id_idx", "client_id", "id"),
)

WEBHOOK_RETRY: Final = Table(
    "webhook_retry",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("delivery_id", Uuid, ForeignKey("webhook_delivery.id"), nullable=False),
    Column("client_id", String(100), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_fingerprint", String(64), nullable=False),
    UniqueConstraint("client_id", "idempotency_key"),
)
