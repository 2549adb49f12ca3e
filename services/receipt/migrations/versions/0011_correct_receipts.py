"""Corrections are decided, told to the tax office under numbers of their own, and name what they
correct. No correction was ever written before this."""

import sqlalchemy as sa
from alembic import op

from chassis.db import Document

revision = "0011"
down_revision = "0010"

WAITING = sa.text("status = 'waiting'")
UNDONE = sa.text("status IN ('waiting', 'ordered')")


def upgrade() -> None:
    with op.batch_alter_table("receipt") as receipt:
        receipt.add_column(sa.Column("corrects", Document))
    # An issuer's document goes straight into the receipt that is made of it.
    with op.batch_alter_table("outside_issue") as issue:
        issue.drop_column("document")
    op.drop_index("amendment_waiting_key", "amendment")
    with op.batch_alter_table("amendment") as amendment:
        amendment.add_column(sa.Column("agency_code", sa.String(32), nullable=False))
        amendment.add_column(sa.Column("ground", sa.String(16)))
        amendment.add_column(sa.Column("note", sa.Text()))
        amendment.add_column(sa.Column("noticed_on", sa.Date()))
        amendment.alter_column("content", existing_type=Document, nullable=False)
        amendment.create_check_constraint(
            op.f("amendment_noticed_check"), "(notice_number IS NULL) = (noticed_on IS NULL)"
        )
        amendment.create_check_constraint(
            op.f("amendment_notice_check"), "(status = 'approved') = (notice_number IS NOT NULL)"
        )
    op.create_index("amendment_agency_code_idx", "amendment", ["agency_code"])
    _one_at_a_time("amendment_undone_key", UNDONE)
    op.create_table(
        "notice_series",
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("notice_series_last_number_check")),
        sa.PrimaryKeyConstraint("agency_code", "year", name="notice_series_pkey"),
    )


def downgrade() -> None:
    op.drop_table("notice_series")
    with op.batch_alter_table("outside_issue") as issue:
        issue.add_column(sa.Column("document", sa.LargeBinary()))
    op.drop_index("amendment_undone_key", "amendment")
    op.drop_index("amendment_agency_code_idx", "amendment")
    with op.batch_alter_table("amendment") as amendment:
        amendment.drop_constraint(op.f("amendment_notice_check"), type_="check")
        amendment.drop_constraint(op.f("amendment_noticed_check"), type_="check")
        amendment.alter_column("content", existing_type=Document, nullable=True)
        for column in ("noticed_on", "note", "ground", "agency_code"):
            amendment.drop_column(column)
    _one_at_a_time("amendment_waiting_key", WAITING)
    with op.batch_alter_table("receipt") as receipt:
        receipt.drop_column("corrects")


def _one_at_a_time(name: str, where: sa.TextClause) -> None:
    op.create_index(
        name,
        "amendment",
        ["receipt_id"],
        unique=True,
        postgresql_where=where,
        sqlite_where=where,
    )
