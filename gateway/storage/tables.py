from typing import Final

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

METADATA: Final = new_metadata()

CLIENT: Final = Table(
    "client",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("client_class", String(16), nullable=False),
    Column("provider", String(32), unique=True),
    Column("registered_at", Utc, nullable=False),
    CheckConstraint("(client_class = 'bank') = (provider IS NOT NULL)", name="bank_has_provider"),
)

CLIENT_KEY: Final = Table(
    "client_key",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("client_id", ForeignKey("client.id"), nullable=False, index=True),
    Column("algorithm", String(32), nullable=False),
    Column("public_jwk", Document, nullable=False),
    Column("state", String(16), nullable=False),
    Column("registered_at", Utc, nullable=False),
    Column("revoked_at", Utc),
    CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked_has_time"),
)

# The guard against replay, across all gateways. No foreign key: it is the busiest insert.
NONCE: Final = Table(
    "nonce",
    METADATA,
    Column("key_id", String(64), primary_key=True),
    Column("nonce", String(128), primary_key=True),
    Column("base_hash", String(64), nullable=False),
    Column("evidence_id", Uuid),
    Column("expires_at", Utc, nullable=False, index=True),
)

# Append-only: triggers in the first migration refuse every UPDATE and DELETE.
EVIDENCE: Final = Table(
    "evidence",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Column("client_id", String(64)),
    Column("payment_intent_id", Uuid),
    Column("record", Document, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature_base", LargeBinary),
    Column("shown_text", Text),
    Index(
        "evidence_payment_intent_id_idx",
        "payment_intent_id",
        postgresql_where=text("payment_intent_id IS NOT NULL"),
        sqlite_where=text("payment_intent_id IS NOT NULL"),
    ),
)

EVIDENCE_LINK: Final = Table(
    "evidence_link",
    METADATA,
    Column("evidence_id", ForeignKey("evidence.id"), primary_key=True),
    Column("payment_intent_id", Uuid, primary_key=True),
    Column("dossier_id", Uuid),
    Column("linked_at", Utc, nullable=False),
    Index("evidence_link_payment_intent_id_idx", "payment_intent_id"),
)

ACCOUNT: Final = Table(
    "account",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("full_name", String(200), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("totp_sealed", Text, nullable=False),
    Column("code_state", String(16), nullable=False),
    Column("last_step", Big, nullable=False),
    Column("wrong_tries", Integer, nullable=False),
    Column("locked_until", Utc),
    Column("pairwise_salt", String(64), nullable=False),
    Column("opened_at", Utc, nullable=False),
)

SESSION: Final = Table(
    "session",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("opened_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("revoked_at", Utc),
)

ENROLMENT_CHALLENGE: Final = Table(
    "enrolment_challenge",
    METADATA,
    Column("text", String(128), primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),
)

DEVICE_KEY: Final = Table(
    "device_key",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("public_jwk", Document, nullable=False),
    Column("state", String(16), nullable=False),
    Column("enrolled_at", Utc, nullable=False),
)

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
    Column("jws", Text),
    Column("device_key_id", ForeignKey("device_key.id")),
    Column("totp_step", Big),
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

OUTBOX: Final = outbox_table(METADATA)
INBOX: Final = inbox_table(METADATA)
