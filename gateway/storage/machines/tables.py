from typing import Final

from sqlalchemy import (
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
