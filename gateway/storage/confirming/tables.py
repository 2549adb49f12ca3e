from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import Big, Utc
from gateway.storage.metadata import METADATA

CONFIRMATION: Final = Table(
    "confirmation",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("payment_intent_id", Uuid, nullable=False),
    Column("user_id", ForeignKey("account.id"), nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("method", String(32), nullable=False),
    Column("intent_bytes", LargeBinary, nullable=False),
    Column("shown_text", Text, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("status", String(16), nullable=False),
    Column("role", String(16), nullable=False, server_default="payer"),
    Column("proof_kind", String(32)),
    Column("proof_sha256", String(64)),
    Column("device_key_id", ForeignKey("device_key.id")),
    Column("evidence_id", ForeignKey("evidence.id")),
    Column("assurance", String(64)),
    Column("confirmed_at", Utc),
    CheckConstraint("amount_minor_units > 0", name="amount_positive"),
    CheckConstraint(
        "(status = 'confirmed') = (evidence_id IS NOT NULL)", name="confirmed_has_evidence"
    ),
    Index(
        "confirmation_open_key",
        "payment_intent_id",
        "user_id",
        unique=True,
        postgresql_where=text("status = 'open'"),
        sqlite_where=text("status = 'open'"),
    ),
    Index(
        "confirmation_confirmed_key",
        "payment_intent_id",
        "method",
        unique=True,
        postgresql_where=text("status = 'confirmed'"),
        sqlite_where=text("status = 'confirmed'"),
    ),
    Index(
        "confirmation_overdue_idx",
        "expires_at",
        postgresql_where=text("status = 'open'"),
        sqlite_where=text("status = 'open'"),
    ),
    UniqueConstraint("evidence_id"),
)

# The digest is the name: one certificate belongs to one account, for good.
CERTIFICATE: Final = Table(
    "certificate",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("authority", String(16), nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("not_after", Utc, nullable=False),
    Column("bound_at", Utc, nullable=False),
    Column("removed_at", Utc),
)
