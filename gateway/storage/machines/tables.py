from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    String,
    Table,
    Uuid,
)

from chassis.db import Document, Utc
from gateway.storage.metadata import METADATA

CLIENT: Final = Table(
    "client",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("client_class", String(16), nullable=False),
    Column("provider", String(32), unique=True),
    Column("registered_at", Utc, nullable=False),
    Column("contact_agency", String(32)),
    Column("splits_target", Boolean, nullable=False),
    Column("networks", Document, nullable=False),
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
    Column("registered_by", String(128)),
    Column("approved_at", Utc),
    Column("approved_by", String(128)),
    Column("retires_at", Utc),
    Column("expires_at", Utc),
    Column("certificate_thumbprint", String(64)),
    CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked_has_time"),
)


KEY_CHALLENGE: Final = Table(
    "key_challenge",
    METADATA,
    Column("text", String(160), primary_key=True),
    Column("client_id", ForeignKey("client.id"), nullable=False, index=True),
    Column("expires_at", Utc, nullable=False, index=True),
)


# Append-only: who did what to a key, when and why.
CLIENT_KEY_EVENT: Final = Table(
    "client_key_event",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("key_id", ForeignKey("client_key.id"), nullable=False, index=True),
    Column("action", String(16), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("at", Utc, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(200)),
)


# Ids of assertions and proofs that were taken once, for all gateways; gone when out of date.
TOKEN_USE: Final = Table(
    "token_use",
    METADATA,
    Column("holder", String(128), primary_key=True),
    Column("token_id", String(128), primary_key=True),
    Column("expires_at", Utc, nullable=False, index=True),
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
