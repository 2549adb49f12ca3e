"""A series is planned, opened and closed; its registration and delegated issue are written down.

Series that are there were begun by their first receipt, and go on as open ones of their symbol's
year; an outside issuer's get no year.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0010"
down_revision = "0009"

OPEN_ONE = sa.text("state = 'open' AND year IS NOT NULL")
STATE = (
    "(state = 'closed' AND closed_at IS NOT NULL AND closing IS NOT NULL)"
    " OR (state IN ('planned', 'open') AND closed_at IS NULL AND closing IS NULL)"
)


def _columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("year", sa.Integer()),
        sa.Column("letters", sa.String(2)),
        sa.Column("face_value", Big, nullable=False, server_default=sa.text("0")),
        sa.Column("state", sa.String(7), nullable=False, server_default="open"),
        sa.Column("planned_at", Utc),
        sa.Column("planned_by", sa.String(100)),
        sa.Column("opened_at", Utc),
        sa.Column("opened_by", sa.String(100)),
        sa.Column("closed_at", Utc),
        sa.Column("closed_by", sa.String(100)),
        sa.Column("closing", sa.String(8)),
        sa.Column("reason", sa.Text()),
    )


def _rule_columns() -> tuple[sa.Column[Any], ...]:
    """Twenty letters and the shapes in use under each text so far (circular 303/2016)."""
    return (
        sa.Column(
            "symbol_alphabet", sa.String(26), nullable=False, server_default="ABCDEGHKLMNPQRSTUVXY"
        ),
        sa.Column(
            "symbol_format", sa.String(32), nullable=False, server_default="{letters}-{year:02d}E"
        ),
        sa.Column("form_pattern", sa.String(64), nullable=False, server_default=r"0[12]BLP0-\d{3}"),
    )


OURS = sa.text(
    "UPDATE receipt_series SET"
    " year = 2000 + CAST(substr(symbol, 4, 2) AS INTEGER), letters = substr(symbol, 1, 2),"
    " planned_at = last_numbered_at, planned_by = 'platform',"
    " opened_at = last_numbered_at, opened_by = 'platform'"
    " WHERE symbol LIKE '__-__E' AND NOT EXISTS ("
    " SELECT 1 FROM receipt WHERE receipt.agency_code = receipt_series.agency_code"
    " AND receipt.form_code = receipt_series.form_code"
    " AND receipt.symbol = receipt_series.symbol AND receipt.issuer IS NOT NULL)"
)


def upgrade() -> None:
    with op.batch_alter_table("receipt_rule") as rule:
        for column in _rule_columns():
            rule.add_column(column)
    with op.batch_alter_table("receipt_rule") as rule:
        for column in _rule_columns():
            rule.alter_column(column.name, server_default=None)
    with op.batch_alter_table("receipt_series") as series:
        for column in _columns():
            series.add_column(column)
        series.create_check_constraint(op.f("receipt_series_state_check"), STATE)
        series.create_check_constraint(
            op.f("receipt_series_planned_check"), "state <> 'planned' OR last_number = 0"
        )
    op.execute(OURS)
    op.create_index(
        "receipt_series_open_key",
        "receipt_series",
        ["agency_code", "year", "face_value"],
        unique=True,
        postgresql_where=OPEN_ONE,
        sqlite_where=OPEN_ONE,
    )
    op.create_index("receipt_series_year_idx", "receipt_series", ["year", "agency_code"])
    _create_registration()
    _create_delegation()


def downgrade() -> None:
    op.drop_table("issue_delegation")
    op.drop_table("series_registration")
    op.drop_index("receipt_series_year_idx", "receipt_series")
    op.drop_index("receipt_series_open_key", "receipt_series")
    with op.batch_alter_table("receipt_series") as series:
        series.drop_constraint(op.f("receipt_series_planned_check"), type_="check")
        series.drop_constraint(op.f("receipt_series_state_check"), type_="check")
        for column in reversed(_columns()):
            series.drop_column(column.name)
    with op.batch_alter_table("receipt_rule") as rule:
        for column in _rule_columns():
            rule.drop_column(column.name)


def _create_registration() -> None:
    op.create_table(
        "series_registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("content", Document, nullable=False),
        sa.Column("drafted_at", Utc, nullable=False),
        sa.Column("drafted_by", sa.String(100), nullable=False),
        sa.Column("submitted_on", sa.Date()),
        sa.Column("answered_on", sa.Date()),
        sa.Column("answer", sa.Text()),
        sa.CheckConstraint(
            "(state IN ('accepted', 'refused')) = (answered_on IS NOT NULL)",
            name=op.f("series_registration_answered_check"),
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (submitted_on IS NULL)",
            name=op.f("series_registration_submitted_check"),
        ),
        sa.PrimaryKeyConstraint("id", name="series_registration_pkey"),
    )
    op.create_index("series_registration_agency_code_idx", "series_registration", ["agency_code"])


def _create_delegation() -> None:
    op.create_table(
        "issue_delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("delegate", Document, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("valid_to_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("ended_by", sa.String(100)),
        sa.Column("added_at", Utc, nullable=False),
        sa.Column("added_by", sa.String(100), nullable=False),
        sa.CheckConstraint(
            "valid_from_on <= valid_to_on", name=op.f("issue_delegation_days_check")
        ),
        sa.PrimaryKeyConstraint("id", name="issue_delegation_pkey"),
    )
    op.create_index(
        "issue_delegation_agency_code_idx", "issue_delegation", ["agency_code", "valid_from_on"]
    )
