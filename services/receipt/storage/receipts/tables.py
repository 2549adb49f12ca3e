from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import Big, Document, Utc
from services.receipt.storage.metadata import METADATA

PAID_FEE = Table(
    "paid_fee",
    METADATA,
    Column("payment_intent_id", Uuid, primary_key=True),
    Column("dossier_id", Uuid),
    Column("dossier_code", String(64)),
    Column("reference", String(64)),
    Column("procedure_code", String(32)),
    Column("procedure_name", Text),
    Column("agency_code", String(32), nullable=False),
    Column("client_id", String(64), nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("method", String(32), nullable=False),
    Column("provider", String(64), nullable=False),
    Column("provider_reference", String(128), nullable=False),
    Column("paid_at", Utc, nullable=False),
    Column("lines", Document, nullable=False),
    Column("payer_sealed", Text, nullable=False),
)

RECEIPT = Table(
    "receipt",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("payment_intent_id", ForeignKey("paid_fee.payment_intent_id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("part", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("agency_code", String(32), nullable=False),
    # As long as an outside issuer's.
    Column("form_code", String(20), nullable=False),
    Column("symbol", String(25), nullable=False),
    Column("number", Big, nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    # As they were on the day; later changes of agency or law do not reach a receipt that exists.
    Column("collecting_body", Document, nullable=False),
    Column("rule", Document, nullable=False),
    Column("lookup_code", String(64), nullable=False, unique=True),
    Column("status", String(8), nullable=False),
    Column("numbered_at", Utc, nullable=False),
    Column("issued_at", Utc),
    Column("xml_sha256", String(64)),
    # Null: the platform itself; else whoever numbered and signed it outside.
    Column("issuer", String(32)),
    Column("type", String(12), nullable=False, server_default="original"),
    Column("corrects_id", ForeignKey("receipt.id")),
    # How that one is called on paper.
    Column("corrects", Document),
    Column("corrected", String(9)),
    # Null: as the payment says it.
    Column("lines", Document),
    Column("payer_sealed", Text),
    # When somebody should next try to sign, or to make the PDF; null once that is done.
    Column("signing_due_at", Utc),
    Column("pdf_due_at", Utc),
    UniqueConstraint(
        "agency_code", "form_code", "symbol", "number", name="receipt_series_number_key"
    ),
    ForeignKeyConstraint(
        ["agency_code", "form_code", "symbol"],
        ["receipt_series.agency_code", "receipt_series.form_code", "receipt_series.symbol"],
        name="receipt_series_fkey",
    ),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint(
        "amount_minor_units > 0 OR (type = 'information' AND amount_minor_units = 0)",
        name="amount",
    ),
    CheckConstraint("(type = 'original') = (corrects_id IS NULL)", name="corrects"),
    CheckConstraint(
        "corrected IS NULL OR corrected IN ('replaced', 'adjusted', 'cancelled')",
        name="corrected",
    ),
    CheckConstraint("part BETWEEN 1 AND parts", name="part"),
    CheckConstraint(
        "(status = 'numbered' AND issued_at IS NULL AND xml_sha256 IS NULL)"
        " OR (status = 'issued' AND issued_at IS NOT NULL AND xml_sha256 IS NOT NULL)",
        name="status",
    ),
    Index("receipt_agency_code_numbered_at_idx", "agency_code", "numbered_at"),
    Index(
        "receipt_payment_agency_kind_key",
        "payment_intent_id",
        "agency_code",
        "kind",
        unique=True,
        postgresql_where=text("type = 'original'"),
        sqlite_where=text("type = 'original'"),
    ),
    Index("receipt_corrects_id_idx", "corrects_id"),
    Index(
        "receipt_replacement_key",
        "corrects_id",
        unique=True,
        postgresql_where=text("type = 'replacement'"),
        sqlite_where=text("type = 'replacement'"),
    ),
    # Both stay as small as the work that waits, however long the history.
    Index(
        "receipt_signing_due_at_idx",
        "signing_due_at",
        postgresql_where=text("signing_due_at IS NOT NULL"),
        sqlite_where=text("signing_due_at IS NOT NULL"),
    ),
    Index(
        "receipt_pdf_due_at_idx",
        "pdf_due_at",
        postgresql_where=text("pdf_due_at IS NOT NULL"),
        sqlite_where=text("pdf_due_at IS NOT NULL"),
    ),
)

# What went back of a fee, by kind; the receipt itself stays as it was signed.
REFUND_NOTE = Table(
    "refund_note",
    METADATA,
    Column("refund_id", Uuid, primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("payment_intent_id", Uuid, nullable=False),
    Column("amount_minor_units", Big, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("refunded_at", Utc, nullable=False),
    CheckConstraint("amount_minor_units > 0", name="amount"),
    Index("refund_note_payment_intent_id_kind_idx", "payment_intent_id", "kind"),
)

# Written once: a trigger refuses every change.
RECEIPT_DOCUMENT = Table(
    "receipt_document",
    METADATA,
    Column("receipt_id", ForeignKey("receipt.id"), primary_key=True),
    Column("form", String(3), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("receipt_document_sha256_idx", "sha256"),
)
