"""The triggers that guard these tables, and the chart of accounts, are in the migrations."""

from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
    text,
)

from chassis.db import Big, Utc
from services.payment.storage.metadata import METADATA


def _where_known(column: str) -> dict[str, Any]:
    known = text(f"{column} IS NOT NULL")
    return {"postgresql_where": known, "sqlite_where": known}


LEDGER_TRANSACTION: Final = Table(
    "ledger_transaction",
    METADATA,
    Column("id", Uuid, primary_key=True),
    # Whatever the code believes, one cause moves money once.
    Column("cause", String(100), nullable=False, unique=True),
    Column("posted_at", Utc, nullable=False),
    Column("cause_kind", String(40)),
    # The day in Vietnam of posted_at; a trigger holds it to that.
    Column("booked_on", Date),
    Column("payment_intent_id", Uuid),
    Column("discrepancy_id", Uuid),
    Column("refund_id", Uuid),
    Column("agency_code", String(50)),
    *(
        Index(f"ledger_transaction_{subject}_idx", subject, **_where_known(subject))
        for subject in ("payment_intent_id", "discrepancy_id", "refund_id")
    ),
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
    Column("booked_on", Date),
    # The agency that the account belongs to, by its name.
    Column("agency_code", String(50)),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    CheckConstraint("direction IN ('debit', 'credit')", name="direction"),
    Index(
        "ledger_entry_account_idx",
        "account",
        "currency",
        "booked_on",
        "ledger_transaction_id",
        "line",
    ),
    Index("ledger_entry_booked_on_idx", "booked_on"),
    Index(
        "ledger_entry_agency_code_idx",
        "agency_code",
        "booked_on",
        "ledger_transaction_id",
        "line",
        **_where_known("agency_code"),
    ),
)

# Every account that had an entry on a closed day.
LEDGER_ACCOUNT: Final = Table(
    "ledger_account",
    METADATA,
    Column("account", String(100), primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("agency_code", String(50)),
    Column("opened_on", Date, nullable=False),
)

# A closed day of an account that moved on it, and all that moved until then.
LEDGER_ACCOUNT_DAY: Final = Table(
    "ledger_account_day",
    METADATA,
    Column("account", String(100), primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("debits", Big, nullable=False),
    Column("credits", Big, nullable=False),
    Column("debits_to_date", Big, nullable=False),
    Column("credits_to_date", Big, nullable=False),
)

# The latest of these days and all before it take no more entries.
LEDGER_CLOSED_DAY: Final = Table(
    "ledger_closed_day",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("closed_at", Utc, nullable=False),
)
