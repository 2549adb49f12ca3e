from typing import Final

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    text,
)

from chassis.db import Big, Document, Utc
from gateway.storage.metadata import METADATA

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

# What a time-stamping authority said of a checkpoint; append-only by the tenth migration.
CHECKPOINT_STAMP: Final = Table(
    "checkpoint_stamp",
    METADATA,
    Column("size", Big, ForeignKey("audit_checkpoint.size"), primary_key=True),
    Column("token", LargeBinary, nullable=False),
    Column("at", Utc, nullable=False),
)
