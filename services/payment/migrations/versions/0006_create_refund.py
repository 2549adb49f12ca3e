"""Refunds, and beside each sum that came in how much of it is on its way back.

The check is the last word on never paying back more than came; so it sits in the row itself.
"""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

BOUNDS: Final[Mapping[str, str]] = {
    "payment_intent": (
        "refunded_minor_units >= 0 AND refunded_minor_units <= amount_minor_units"
        " AND (refunded_minor_units = 0 OR status = 'succeeded')"
    ),
    "discrepancy": ("refunded_minor_units >= 0 AND refunded_minor_units <= received_minor_units"),
}
BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT: Final = sa.JSON().with_variant(JSONB(), "postgresql")
UTC: Final = sa.DateTime(timezone=True)
AWAITED: Final = "status IN ('pending', 'sending', 'unknown')"
INDEXES: Final = (
    ("refund_payment_intent_id_idx", ["payment_intent_id"], None),
    ("refund_discrepancy_id_idx", ["discrepancy_id"], None),
    ("refund_dossier_id_idx", ["dossier_id"], None),
    ("refund_client_id_id_idx", ["client_id", "id"], None),
    ("refund_agency_code_id_idx", ["agency_code", "id"], None),
    ("refund_approved_idx", ["id"], "status = 'approved'"),
    ("refund_next_enquiry_at_idx", ["next_enquiry_at"], AWAITED),
    ("refund_unalarmed_idx", ["sending_at"], f"{AWAITED} AND alarmed_at IS NULL"),
)


def upgrade() -> None:
    for table, bound in BOUNDS.items():
        _count_refunded(table, bound)
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.String(12), nullable=False),
        sa.Column("payment_intent_id", sa.Uuid()),
        sa.Column("discrepancy_id", sa.Uuid()),
        sa.Column("dossier_id", sa.Uuid()),
        sa.Column("dossier_code", sa.String(50)),
        sa.Column("client_id", sa.String(100)),
        sa.Column("agency_code", sa.String(50)),
        sa.Column("amount_minor_units", BIG, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("lines", DOCUMENT, nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("payment_reference", sa.String(100), nullable=False),
        sa.Column("order_reference", sa.String(50)),
        sa.Column("paid_minor_units", BIG, nullable=False),
        sa.Column("paid_at", UTC, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_sealed", sa.Text()),
        sa.Column("requested_by_kind", sa.String(10), nullable=False),
        sa.Column("requested_by", sa.String(100), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("request_fingerprint", sa.String(64), nullable=False),
        sa.Column("requested_at", UTC, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("automatic_up_to_minor_units", BIG),
        sa.Column("decided_by", sa.String(100)),
        sa.Column("decided_at", UTC),
        sa.Column("sending_at", UTC),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("enquiries", sa.Integer(), nullable=False),
        sa.Column("next_enquiry_at", UTC),
        sa.Column("alarmed_at", UTC),
        sa.Column("reported_success", sa.Boolean()),
        sa.Column("reported_reference", sa.String(100)),
        sa.Column("reported_by", sa.String(100)),
        sa.Column("reported_at", UTC),
        sa.Column("answer_raw", sa.LargeBinary()),
        sa.Column("answer_proof", DOCUMENT),
        sa.Column("answer_evidence_level", sa.String(10)),
        sa.Column("provider_reference", sa.String(100)),
        sa.Column("failure", sa.String(200)),
        sa.Column("ended_by", sa.String(100)),
        sa.Column("ended_at", UTC),
        sa.PrimaryKeyConstraint("id", name="refund_pkey"),
        *_constraints(),
    )
    for name, columns, where in INDEXES:
        only = sa.text(where) if where else None
        op.create_index(name, "refund", columns, postgresql_where=only, sqlite_where=only)


def downgrade() -> None:
    op.drop_table("refund")
    for table in BOUNDS:
        op.drop_column(table, "refunded_minor_units")


def _count_refunded(table: str, bound: str) -> None:
    """In words of SQL: SQLite takes a check with a new column, and no other way, without
    rebuilding a table that others point to."""
    number = "BIGINT" if op.get_context().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN refunded_minor_units {number} DEFAULT 0 NOT NULL"
        f" CONSTRAINT {table}_refunded_check CHECK ({bound})"
    )


def _constraints() -> tuple[sa.schema.Constraint, ...]:
    checks = {
        "amount": "amount_minor_units > 0",
        "within_paid": "amount_minor_units <= paid_minor_units",
        "status": "status IN ('approved', 'failed', 'pending', 'rejected', 'requested', 'sending',"
        " 'succeeded', 'unknown', 'withdrawn')",
        "source": "(source_kind = 'payment' AND payment_intent_id IS NOT NULL"
        " AND discrepancy_id IS NULL)"
        " OR (source_kind = 'discrepancy' AND discrepancy_id IS NOT NULL)",
        "decided": "status IN ('requested', 'withdrawn') OR decided_at IS NOT NULL",
        "two_people": "decided_by IS NULL OR decided_by <> requested_by",
        "decider": "decided_at IS NULL OR decided_by IS NOT NULL"
        " OR automatic_up_to_minor_units IS NOT NULL",
        "small_enough": "automatic_up_to_minor_units IS NULL"
        " OR amount_minor_units <= automatic_up_to_minor_units",
    }
    return (
        sa.ForeignKeyConstraint(
            ["payment_intent_id"], ["payment_intent.id"], name="refund_payment_intent_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["discrepancy_id"], ["discrepancy.id"], name="refund_discrepancy_id_fkey"
        ),
        sa.UniqueConstraint(
            "requested_by_kind",
            "requested_by",
            "idempotency_key",
            name="refund_requested_by_kind_requested_by_idempotency_key_key",
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"refund_{name}_check"))
            for name, rule in checks.items()
        ),
    )
