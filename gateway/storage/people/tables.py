from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
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
    Column("password_hash", String(255)),
    Column("totp_sealed", Text, nullable=False),
    Column("code_state", String(16), nullable=False),
    Column("last_step", Big, nullable=False),
    Column("wrong_tries", Integer, nullable=False),
    Column("locked_until", Utc),
    Column("totp_next_sealed", Text),
    Column("wrong_codes", Integer, nullable=False, server_default="0"),
    Column("codes_locked_until", Utc),
    Column("pairwise_salt", String(64), nullable=False),
    Column("opened_at", Utc, nullable=False),
)


SESSION: Final = Table(
    "session",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("family_id", Uuid, nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("acr", String(64), nullable=False),
    Column("authenticated_at", Utc, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("idle_until", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("rotated_at", Utc),
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


PASSKEY: Final = Table(
    "passkey",
    METADATA,
    # Base64url of at most 1023 bytes (WebAuthn level 3, section 4).
    Column("id", String(1364), primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", Big, nullable=False),
    Column("transports", Document, nullable=False),
    Column("aaguid", String(36), nullable=False),
    Column("backup_eligible", Boolean, nullable=False),
    Column("backed_up", Boolean, nullable=False),
    Column("payment", Boolean, nullable=False),
    Column("name", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
)


PASSKEY_CHALLENGE: Final = Table(
    "passkey_challenge",
    METADATA,
    Column("text", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("user_id", ForeignKey("account.id")),
    Column("payment", Boolean, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("used_at", Utc),
)


RECOVERY_CODE: Final = Table(
    "recovery_code",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
)


FEDERATED_IDENTITY: Final = Table(
    "federated_identity",
    METADATA,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("linked_at", Utc, nullable=False),
)


FEDERATION_LOGIN: Final = Table(
    "federation_login",
    METADATA,
    Column("state_digest", String(64), primary_key=True),
    Column("federation", String(32), nullable=False),
    Column("user_id", ForeignKey("account.id")),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("used_at", Utc),
)
