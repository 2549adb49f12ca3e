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
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import Big, Utc
from services.payment.storage.metadata import METADATA

OPEN: Final = "status = 'open'"
NOT_CLOSED: Final = "status <> 'closed'"

CASH_DRAWER: Final = Table(
    "cash_drawer",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("agency_code", String(50), nullable=False),
    Column("desk", String(50), nullable=False),
    Column("drawer", String(50), nullable=False),
    Column("officer", String(100), nullable=False),
    Column("status", String(10), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("float_minor_units", Big, nullable=False),
    Column("taken_minor_units", Big, nullable=False),
    Column("payments", Integer, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("count_number", Integer, nullable=False),
    Column("counted_minor_units", Big),
    Column("reason", Text),
    Column("counted_at", Utc),
    Column("signed_by", String(100)),
    Column("signed_at", Utc),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_fingerprint", String(64), nullable=False),
    UniqueConstraint("officer", "idempotency_key"),
    CheckConstraint("status IN ('open', 'closing', 'closed')", name="status"),
    CheckConstraint("float_minor_units >= 0 AND taken_minor_units >= 0", name="amounts"),
    CheckConstraint("(status = 'open') = (counted_minor_units IS NULL)", name="counted"),
    # What is missing or too much is never silent.
    CheckConstraint(
        "counted_minor_units IS NULL OR reason IS NOT NULL"
        " OR counted_minor_units = float_minor_units + taken_minor_units",
        name="reason",
    ),
    # Four eyes, whatever the code believes.
    CheckConstraint(
        "(status = 'closed') = (signed_by IS NOT NULL) AND signed_by <> officer", name="signed"
    ),
    Index(
        "cash_drawer_officer_open_key",
        "officer",
        unique=True,
        postgresql_where=text(OPEN),
        sqlite_where=text(OPEN),
    ),
    # A drawer holds its old money until somebody has taken it over.
    Index(
        "cash_drawer_in_use_key",
        "agency_code",
        "drawer",
        unique=True,
        postgresql_where=text(NOT_CLOSED),
        sqlite_where=text(NOT_CLOSED),
    ),
    Index("cash_drawer_agency_code_id_idx", "agency_code", "id"),
)


# Every count, the last and those it replaced.
CASH_COUNT: Final = Table(
    "cash_count",
    METADATA,
    Column("cash_drawer_id", Uuid, ForeignKey("cash_drawer.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("taken_minor_units", Big, nullable=False),
    Column("counted_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", Text),
    Column("counted_by", String(100), nullable=False),
    Column("counted_at", Utc, nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_fingerprint", String(64), nullable=False),
    UniqueConstraint("counted_by", "idempotency_key"),
    CheckConstraint("counted_minor_units >= 0", name="counted"),
)


CASH_PAYMENT: Final = Table(
    "cash_payment",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("cash_drawer_id", Uuid, ForeignKey("cash_drawer.id"), nullable=False),
    # A fee is paid in cash once, whatever the code believes.
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), nullable=False, unique=True),
    Column("agency_code", String(50), nullable=False),
    Column("officer", String(100), nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("tendered_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("paid_at", Utc, nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_fingerprint", String(64), nullable=False),
    UniqueConstraint("officer", "idempotency_key"),
    CheckConstraint(
        "amount_minor_units > 0 AND tendered_minor_units >= amount_minor_units", name="amounts"
    ),
    Index("cash_payment_cash_drawer_id_id_idx", "cash_drawer_id", "id"),
)


POS_PAYMENT: Final = Table(
    "pos_payment",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), nullable=False, index=True),
    Column("agency_code", String(50), nullable=False),
    Column("officer", String(100), nullable=False),
    Column("terminal_id", String(8), nullable=False),
    Column("batch_no", String(6), nullable=False),
    Column("approval_code", String(6), nullable=False),
    Column("card_scheme", String(10), nullable=False),
    Column("reference", String(12), nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("paid_at", Utc, nullable=False),
    Column("discrepancy_reason", String(30)),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_fingerprint", String(64), nullable=False),
    UniqueConstraint("officer", "idempotency_key"),
    # One slip is one movement of money, for one fee.
    UniqueConstraint("terminal_id", "batch_no", "reference"),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    Index("pos_payment_agency_code_batch_idx", "agency_code", "terminal_id", "batch_no"),
)
