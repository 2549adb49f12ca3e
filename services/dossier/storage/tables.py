"""The tables of this service. Personal data lives in `applicant` and in the drawn slips alone."""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
)

from chassis.db import Big, Document, Utc, new_metadata
from chassis.inbox import inbox_table
from chassis.outbox import outbox_table

METADATA: Final = new_metadata()
OUTBOX: Final = outbox_table(METADATA)
INBOX: Final = inbox_table(METADATA)

AGENCY: Final = Table(
    "agency",
    METADATA,
    Column("agency_code", String(40), primary_key=True),
    Column("valid_from_on", Date, primary_key=True),
    Column("valid_to_on", Date),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("phone", String(40)),
    Column("bank_bin", String(12), nullable=False),
    Column("account_number", String(40), nullable=False),
    Column("account_name", Text, nullable=False),
    Column("published_at", Utc, nullable=False),
)

PROCEDURE: Final = Table(
    "procedure",
    METADATA,
    Column("procedure_code", String(40), primary_key=True),
    Column("valid_from_on", Date, primary_key=True),
    Column("valid_to_on", Date),
    Column("name", Text, nullable=False),
    Column("agency_codes", Document, nullable=False),
    Column("processing_days", Integer),
    Column("processing_day_kind", String(20), nullable=False),
    Column("published_at", Utc, nullable=False),
)

FEE_SCHEDULE: Final = Table(
    "fee_schedule",
    METADATA,
    Column("schedule_id", Uuid, primary_key=True),
    Column("procedure_code", String(40), nullable=False),
    Column("valid_from_on", Date, nullable=False),
    Column("valid_to_on", Date),
    Column("lines", Document, nullable=False),
    Column("published_at", Utc, nullable=False),
    Index("fee_schedule_procedure_code_valid_from_on_idx", "procedure_code", "valid_from_on"),
)

# One row for each unit and day: its last number. The row's lock makes the numbers gapless.
DOSSIER_COUNTER: Final = Table(
    "dossier_counter",
    METADATA,
    Column("agency_code", String(40), primary_key=True),
    Column("counted_on", Date, primary_key=True),
    Column("last_number", Integer, nullable=False),
)

SUBMISSION: Final = Table(
    "submission",
    METADATA,
    Column("client_id", String(100), primary_key=True),
    Column("idempotency_key", String(255), primary_key=True),
    Column("request_fingerprint", String(64), nullable=False),
    # No foreign key: the claim is made before the dossier it speaks of.
    Column("dossier_id", Uuid, nullable=False),
)

DOSSIER: Final = Table(
    "dossier",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("code", String(60), nullable=False, unique=True),
    Column("client_id", String(100), nullable=False),
    Column("procedure_code", String(40), nullable=False),
    Column("procedure_name", Text, nullable=False),
    Column("processing_days", Integer),
    Column("processing_day_kind", String(20), nullable=False),
    Column("agency_code", String(40), nullable=False),
    Column("agency_name", Text, nullable=False),
    Column("agency_address", Text, nullable=False),
    Column("agency_phone", String(40)),
    Column("channel", String(20), nullable=False),
    Column("payer_type", String(20), nullable=False),
    Column("case_code", String(60)),
    Column("fee_lines", Document, nullable=False),
    Column("fee_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("submitted_at", Utc, nullable=False),
    Column("state", Integer, nullable=False),
    Column("steps_made", Integer, nullable=False),
    CheckConstraint("state BETWEEN 1 AND 10", name="state"),
    CheckConstraint("fee_minor_units >= 0", name="fee"),
    # Ids sort by time, so a page of a client's or an agency's newest is a walk along an index.
    Index("dossier_client_id_id_idx", "client_id", "id"),
    Index("dossier_client_id_state_id_idx", "client_id", "state", "id"),
    Index("dossier_agency_code_id_idx", "agency_code", "id"),
)

APPLICANT: Final = Table(
    "applicant",
    METADATA,
    Column("dossier_id", ForeignKey("dossier.id"), primary_key=True),
    Column("full_name", Text, nullable=False),
    Column("identity_number", String(40)),
    Column("address", Text),
    Column("email", Text),
    Column("phone", String(40)),
)

DOSSIER_STEP: Final = Table(
    "dossier_step",
    METADATA,
    Column("dossier_id", ForeignKey("dossier.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("from_state", Integer, nullable=False),
    Column("to_state", Integer, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("changed_at", Utc, nullable=False),
)

FEE_REQUEST: Final = Table(
    "fee_request",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("dossier_id", ForeignKey("dossier.id"), nullable=False, unique=True),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("bank_bin", String(12), nullable=False),
    Column("account_number", String(40), nullable=False),
    Column("account_name", Text, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("status", String(20), nullable=False),
    Column("bill_reference", String(60)),
    Column("qr_payload", Text),
    Column("expires_at", Utc),
    Column("revived_until", Utc),
    Column("paid_at", Utc),
    CheckConstraint("amount_minor_units > 0", name="amount"),
)

RECEIPT: Final = Table(
    "receipt",
    METADATA,
    Column("receipt_id", Uuid, primary_key=True),
    Column("fee_request_id", ForeignKey("fee_request.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("form_code", String(20), nullable=False),
    Column("symbol", String(20), nullable=False),
    Column("number", Big, nullable=False),
    Column("lookup_code", String(60), nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("issued_at", Utc, nullable=False),
    Column("part", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
)

# What became of a receipt, by its id alone: the news may come before the receipt's own.
RECEIPT_STANDING: Final = Table(
    "receipt_standing",
    METADATA,
    Column("receipt_id", Uuid, primary_key=True),
    Column("standing", String(9), primary_key=True),
)

REFUND: Final = Table(
    "refund",
    METADATA,
    Column("refund_id", Uuid, primary_key=True),
    Column("fee_request_id", ForeignKey("fee_request.id"), nullable=False, index=True),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("status", String(20), nullable=False),
    Column("requested_at", Utc, nullable=False),
    Column("ended_at", Utc),
)

SLIP: Final = Table(
    "slip",
    METADATA,
    Column("dossier_id", ForeignKey("dossier.id"), primary_key=True),
    Column("content_sha256", String(64), primary_key=True),
    Column("pdf", LargeBinary, nullable=False),
    Column("drawn_at", Utc, nullable=False),
)
