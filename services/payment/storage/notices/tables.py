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
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import Big, Document, Utc
from services.payment.storage.metadata import METADATA

UNCHECKED: Final = "next_check_at IS NOT NULL"

PROVIDER_NOTIFICATION: Final = Table(
    "provider_notification",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("provider", String(50), nullable=False),
    Column("provider_reference", String(100), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("source", String(10), nullable=False),
    Column("notice_id", String(100)),
    Column("outcome", String(10), nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("paid_at", Utc, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("proof", Document),
    Column("evidence_id", String(100)),
    Column("evidence_level", String(10), nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("order_reference", String(50)),
    Column("verdict", String(10)),
    Column("reception", String(20), nullable=False, server_default="recorded"),
    # A weakly proved word waits here for what its provider says when asked.
    Column("next_check_at", Utc),
    Column("checks", Integer, nullable=False, server_default="0"),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), index=True),
    Column("discrepancy_reason", String(30)),
    UniqueConstraint("provider", "provider_reference", "fingerprint"),
    Index(
        "provider_notification_next_check_at_idx",
        "next_check_at",
        postgresql_where=text(UNCHECKED),
        sqlite_where=text(UNCHECKED),
    ),
    CheckConstraint("verdict IN ('settled', 'kept')", name="verdict"),
)
