from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.db import Big, Document, new_metadata
from chassis.outbox import outbox_table

METADATA = new_metadata()

OUTBOX = outbox_table(METADATA)

AGENCY = Table(
    "agency",
    METADATA,
    Column("code", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("tax_code", String(14), nullable=False),
    Column("phone", String(32)),
    Column("bank_bin", String(6), nullable=False),
    Column("account_number", String(19), nullable=False),
    Column("account_name", Text, nullable=False),
    Column("valid_from_on", Date, nullable=False),
    Column("valid_to_on", Date),
    CheckConstraint("valid_to_on >= valid_from_on", name="period"),
)

PROCEDURE = Table(
    "procedure",
    METADATA,
    Column("code", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    # Code and name, folded: what a search looks through.
    Column("search_text", Text, nullable=False),
    Column("level", String(8), nullable=False),
    Column("processing_days", Integer),
    Column("processing_day_kind", String(8), nullable=False),
    Column("illustrative", Boolean, nullable=False),
    Column("valid_from_on", Date, nullable=False),
    Column("valid_to_on", Date),
    CheckConstraint("valid_to_on >= valid_from_on", name="period"),
)

PROCEDURE_AGENCY = Table(
    "procedure_agency",
    METADATA,
    Column("procedure_code", ForeignKey("procedure.code"), primary_key=True),
    Column("agency_code", ForeignKey("agency.code"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

FEE_SCHEDULE = Table(
    "fee_schedule",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("procedure_code", ForeignKey("procedure.code"), nullable=False),
    Column("valid_from_on", Date, nullable=False),
    Column("valid_to_on", Date),
    Column("lines", Document, nullable=False),
    Column("explanation_vi", Text, nullable=False),
    Column("explanation_en", Text, nullable=False),
    UniqueConstraint("procedure_code", "valid_from_on"),
    CheckConstraint("valid_to_on >= valid_from_on", name="period"),
)

PAYMENT_METHOD = Table(
    "payment_method",
    METADATA,
    Column("code", String(32), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name_vi", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("explanation_vi", Text, nullable=False),
    Column("explanation_en", Text, nullable=False),
    Column("fee_bearer", String(16), nullable=False),
    Column("limit_minor_units", Big),
    Column("currency", String(3), nullable=False),
    Column("hours", Text, nullable=False),
    Column("minimum_minor_units", Big),
    # Lists that are written once and read whole.
    Column("openings", Document),
    Column("places", Document),
    Column("brands", Document),
    Column("illustrative", Boolean),
)

# One row, held by the load that is running.
LOAD_LOCK = Table("load_lock", METADATA, Column("name", String(16), primary_key=True))
