"""A receipt may correct another: it is a receipt of its own, and only originals are one a fee.

The server default of `type` is for the rows that are there: all of them are originals.
"""

import sqlalchemy as sa
from alembic import op

from chassis.db import Document, Utc

revision = "0009"
down_revision = "0008"

FEE_KEY = ["payment_intent_id", "agency_code", "kind"]
ORIGINALS = sa.text("type = 'original'")
REPLACEMENTS = sa.text("type = 'replacement'")
WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    with op.batch_alter_table("receipt") as receipt:
        receipt.add_column(
            sa.Column("type", sa.String(12), nullable=False, server_default="original")
        )
        receipt.add_column(sa.Column("corrects_id", sa.Uuid()))
        receipt.add_column(sa.Column("corrected", sa.String(9)))
        receipt.add_column(sa.Column("lines", Document))
        receipt.add_column(sa.Column("payer_sealed", sa.Text()))
        receipt.create_foreign_key(
            op.f("receipt_corrects_id_fkey"), "receipt", ["corrects_id"], ["id"]
        )
        receipt.create_check_constraint(
            op.f("receipt_corrects_check"), "(type = 'original') = (corrects_id IS NULL)"
        )
        receipt.create_check_constraint(
            op.f("receipt_corrected_check"),
            "corrected IS NULL OR corrected IN ('replaced', 'adjusted', 'cancelled')",
        )
        receipt.drop_constraint(op.f("receipt_amount_check"), type_="check")
        receipt.create_check_constraint(
            op.f("receipt_amount_check"),
            "amount_minor_units > 0 OR (type = 'information' AND amount_minor_units = 0)",
        )
        receipt.drop_constraint(op.f("receipt_payment_agency_kind_key"), type_="unique")
    _unique("receipt_payment_agency_kind_key", FEE_KEY, ORIGINALS)
    _unique("receipt_replacement_key", ["corrects_id"], REPLACEMENTS)
    op.create_index("receipt_corrects_id_idx", "receipt", ["corrects_id"])
    _create_amendment()


def downgrade() -> None:
    op.drop_table("amendment")
    op.drop_index("receipt_corrects_id_idx", "receipt")
    op.drop_index("receipt_replacement_key", "receipt")
    op.drop_index("receipt_payment_agency_kind_key", "receipt")
    with op.batch_alter_table("receipt") as receipt:
        receipt.drop_constraint(op.f("receipt_corrects_check"), type_="check")
        receipt.drop_constraint(op.f("receipt_corrected_check"), type_="check")
        receipt.drop_constraint(op.f("receipt_amount_check"), type_="check")
        receipt.create_check_constraint(op.f("receipt_amount_check"), "amount_minor_units > 0")
        receipt.drop_constraint(op.f("receipt_corrects_id_fkey"), type_="foreignkey")
        for column in ("payer_sealed", "lines", "corrected", "corrects_id", "type"):
            receipt.drop_column(column)
        receipt.create_unique_constraint(op.f("receipt_payment_agency_kind_key"), FEE_KEY)


def _unique(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(
        name, "receipt", columns, unique=True, postgresql_where=where, sqlite_where=where
    )


def _create_amendment() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("asked_at", Utc, nullable=False),
        sa.Column("decided_by", sa.String(100)),
        sa.Column("decided_at", Utc),
        sa.Column("content", Document),
        sa.Column("payer_sealed", sa.Text()),
        sa.Column("result_id", sa.Uuid()),
        sa.Column("notice_number", sa.Integer()),
        sa.CheckConstraint(
            "(status = 'waiting') = (decided_at IS NULL)", name=op.f("amendment_status_check")
        ),
        sa.PrimaryKeyConstraint("id", name="amendment_pkey"),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name="amendment_receipt_id_fkey"),
        sa.ForeignKeyConstraint(["result_id"], ["receipt.id"], name="amendment_result_id_fkey"),
        sa.UniqueConstraint("result_id", name="amendment_result_id_key"),
    )
    op.create_index("amendment_receipt_id_idx", "amendment", ["receipt_id"])
    op.create_index(
        "amendment_waiting_key",
        "amendment",
        ["receipt_id"],
        unique=True,
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
