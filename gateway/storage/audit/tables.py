from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.db import Big, Utc
from gateway.storage.metadata import METADATA

# Written inside business transactions, so nothing here is hot: one worker gives leaves their place.
AUDIT_PENDING: Final = Table(
    "audit_pending",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("record", LargeBinary, nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Index("audit_pending_recorded_at_idx", "recorded_at", "id"),
)

# Append-only, as everything below: triggers refuse changes, and the tree betrays who evades them.
AUDIT_LEAF: Final = Table(
    "audit_leaf",
    METADATA,
    Column("index", Big, primary_key=True, autoincrement=False),
    Column("id", Uuid, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("recorded_at", Utc, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("subject", Text, nullable=False),
    UniqueConstraint("id", name="audit_leaf_id_key"),
    CheckConstraint('"index" >= 0', name="index_not_negative"),
    Index("audit_leaf_subject_idx", "subject", "index"),
    Index("audit_leaf_actor_idx", "actor", "index"),
    Index("audit_leaf_action_idx", "action", "index"),
    Index("audit_leaf_recorded_at_idx", "recorded_at"),
)

# Complete subtrees above the leaves: level 1 and up.
AUDIT_NODE: Final = Table(
    "audit_node",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", Big, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("level > 0", name="level_above_leaves"),
)

AUDIT_CHECKPOINT: Final = Table(
    "audit_checkpoint",
    METADATA,
    Column("size", Big, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", Utc, nullable=False),
    Column("jws", Text, nullable=False),
)

AUDIT_COSIGNATURE: Final = Table(
    "audit_cosignature",
    METADATA,
    Column("size", Big, ForeignKey("audit_checkpoint.size"), primary_key=True),
    Column("witness", Text, primary_key=True),
    Column("jws", Text),
    Column("at", Utc, nullable=False),
    Index("audit_cosignature_witness_idx", "witness", "size"),
)
