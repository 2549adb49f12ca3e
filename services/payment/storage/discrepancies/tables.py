from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from chassis.db import Big, Document, Utc
from services.payment.storage.metadata import METADATA

DISCREPANCY: Final = Table(
    "discrepancy",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column(
        "provider_notification_id",
        Uuid,
        ForeignKey("provider_notification.id"),
        nullable=False,
        unique=True,
    ),
    Column("payment_intent_id", Uuid, ForeignKey("payment_intent.id"), index=True),
    Column("client_id", String(100)),
    Column("agency_code", String(50)),
    Column("reason", String(30), nullable=False),
    Column("status", String(10), nullable=False),
    Column("owner_role", String(20), nullable=False),
    Column("expected_minor_units", Big),
    Column("expected_currency", String(3)),
    Column("received_minor_units", Big, nullable=False),
    Column("proposed_refund_minor_units", Big),
    Column("currency", String(3), nullable=False),
    Column("provider", String(50), nullable=False),
    Column("provider_reference", String(100), nullable=False),
    Column("found_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    # What refunds have taken of the money received, and not given back.
    Column("refunded_minor_units", Big, nullable=False, server_default="0"),
    CheckConstraint(
        "refunded_minor_units >= 0 AND refunded_minor_units <= received_minor_units",
        name="refunded",
    ),
    # Who answers for money that nobody can place: whoever's account it came to.
    Column("account_agency_code", String(50)),
    Column("assignee", String(100)),
    Column("resolution", String(20)),
    Column("resolved_by", String(100)),
    Column("resolved_at", Utc),
    Column("applied_to_intent_id", Uuid),
    # What one person wants done with the money and another has to agree to.
    Column("asked", Document),
    Column("overdue_said_at", Utc),
    Column("proposed_intent_id", Uuid),
    Column("applied_minor_units", Big, nullable=False, server_default="0"),
    Column("cleared_minor_units", Big, nullable=False, server_default="0"),
    CheckConstraint(
        "applied_minor_units >= 0 AND cleared_minor_units >= 0 AND refunded_minor_units"
        " + applied_minor_units + cleared_minor_units <= received_minor_units",
        name="money_once",
    ),
    Index("discrepancy_account_agency_code_id_idx", "account_agency_code", "id"),
    Index("discrepancy_client_id_id_idx", "client_id", "id"),
    Index("discrepancy_agency_code_id_idx", "agency_code", "id"),
    Index("discrepancy_status_due_at_idx", "status", "due_at"),
    Index("discrepancy_provider_reference_idx", "provider_reference", "provider"),
)

# Triggers keep it append-only.
DISCREPANCY_EVENT: Final = Table(
    "discrepancy_event",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("discrepancy_id", Uuid, ForeignKey("discrepancy.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("by_subject", String(100), nullable=False),
    Column("at", Utc, nullable=False),
    Column("note", Text),
    Column("facts", Document, nullable=False),
    Column("idempotency_key", String(200)),
    Column("request_fingerprint", String(64)),
    UniqueConstraint("discrepancy_id", "idempotency_key"),
    Index("discrepancy_event_discrepancy_id_id_idx", "discrepancy_id", "id"),
)
