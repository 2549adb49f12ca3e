from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import Big, Document, Utc
from services.payment.domain.bills.batch import WORKED_ON, BatchStatus, Result
from services.payment.storage.metadata import METADATA


def _names(states: Iterable[StrEnum]) -> str:
    return ", ".join(sorted(f"'{state}'" for state in states))


WORK: Final = f"status IN ({_names(WORKED_ON)})"
WAITING: Final = "result = 'waiting'"

# Our copy of who collects and where; the catalogue owns it.
AGENCY: Final = Table(
    "agency",
    METADATA,
    Column("agency_code", String(50), primary_key=True),
    Column("valid_from_on", Date, primary_key=True),
    Column("valid_to_on", Date),
    Column("name", Text, nullable=False),
    Column("bank_bin", String(8), nullable=False),
    Column("account_number", String(19), nullable=False),
    Column("account_name", Text, nullable=False),
    Column("published_at", Utc, nullable=False),
)

BILL_BATCH: Final = Table(
    "bill_batch",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("client_id", String(100), nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("file_bytes", Big, nullable=False),
    Column("evidence_id", String(100), nullable=False),
    Column("encoding", String(10), nullable=False),
    Column("delimiter", String(1), nullable=False),
    Column("status", String(10), nullable=False),
    # Lines of the file so far, and of these what became of them.
    Column("read", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("refusal", Document),
    Column("created_at", Utc, nullable=False),
    Column("finished_at", Utc),
    CheckConstraint(f"status IN ({_names(BatchStatus)})", name="status"),
    CheckConstraint("opened >= 0 AND refused >= 0 AND opened + refused <= read", name="counts"),
    # The same key or the same file is the same batch.
    UniqueConstraint("client_id", "idempotency_key"),
    UniqueConstraint("client_id", "file_sha256"),
    Index("bill_batch_client_id_id_idx", "client_id", "id"),
    Index(
        "bill_batch_work_idx",
        "created_at",
        postgresql_where=text(WORK),
        sqlite_where=text(WORK),
    ),
)

# The file, in sealed pieces, until it is read.
BILL_BATCH_PART: Final = Table(
    "bill_batch_part",
    METADATA,
    Column("bill_batch_id", Uuid, ForeignKey("bill_batch.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", Text, nullable=False),
)

BILL_BATCH_LINE: Final = Table(
    "bill_batch_line",
    METADATA,
    Column("bill_batch_id", Uuid, ForeignKey("bill_batch.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("reference", String(50)),
    Column("result", String(10), nullable=False),
    # What is asked, sealed, until there is a result.
    Column("sealed", Text),
    Column("refusal", Document),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id")),
    CheckConstraint(f"result IN ({_names(Result)})", name="result"),
    CheckConstraint("(result = 'opened') = (payment_intent_id IS NOT NULL)", name="opened"),
    CheckConstraint("(result = 'waiting') = (sealed IS NOT NULL)", name="sealed"),
    Index(
        "bill_batch_line_waiting_idx",
        "bill_batch_id",
        "number",
        postgresql_where=text(WAITING),
        sqlite_where=text(WAITING),
    ),
    Index("bill_batch_line_result_idx", "bill_batch_id", "result", "number"),
)
