from typing import Final

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    Uuid,
)

from chassis.db import Big, Document, Utc
from gateway.storage.metadata import METADATA

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
