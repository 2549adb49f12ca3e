from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from chassis.db import Document, Utc
from services.receipt.storage.metadata import METADATA

_WAITING: Final = text("status = 'waiting'")

AMENDMENT = Table(
    "amendment",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("receipt_id", ForeignKey("receipt.id"), nullable=False),
    Column("type", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", String(8), nullable=False),
    Column("asked_by", String(100), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("decided_by", String(100)),
    Column("decided_at", Utc),
    Column("content", Document),
    Column("payer_sealed", Text),
    # The receipt that was made of it; null for a cancellation and for what is not decided.
    Column("result_id", ForeignKey("receipt.id"), unique=True),
    Column("notice_number", Integer),
    CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="status"),
    Index("amendment_receipt_id_idx", "receipt_id"),
    # Nobody asks for a second correction while one waits to be decided.
    Index(
        "amendment_waiting_key",
        "receipt_id",
        unique=True,
        postgresql_where=_WAITING,
        sqlite_where=_WAITING,
    ),
)
