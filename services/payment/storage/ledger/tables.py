"""The triggers that guard these tables are in the migrations."""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)

from chassis.db import Big, Utc
from services.payment.storage.metadata import METADATA

LEDGER_TRANSACTION: Final = Table(
    "ledger_transaction",
    METADATA,
    Column("id", Uuid, primary_key=True),
    # Whatever the code believes, one cause moves money once.
    Column("cause", String(100), nullable=False, unique=True),
    Column("posted_at", Utc, nullable=False),
)


LEDGER_ENTRY: Final = Table(
    "ledger_entry",
    METADATA,
    Column(
        "ledger_transaction_id",
        Uuid,
        # Entries go in first, so that the transaction's trigger can weigh them.
        ForeignKey("ledger_transaction.id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("account", String(100), nullable=False),
    Column("direction", String(6), nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    CheckConstraint("direction IN ('debit', 'credit')", name="direction"),
    Index("ledger_entry_account_idx", "account", "currency"),
)
