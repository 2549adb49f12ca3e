"""Money that names no fee, and fits exactly one: a person is shown which, and decides.

The index holds the open fees alone, so that looking for one costs no more as history grows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

INDEX = "payment_intent_open_at_payee_idx"
OPEN = sa.text("status = 'confirmed'")


def upgrade() -> None:
    op.add_column("discrepancy", sa.Column("proposed_intent_id", sa.Uuid))
    op.create_index(
        INDEX,
        "payment_intent",
        ["payee_account_number", "amount_minor_units"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index(INDEX, "payment_intent")
    op.drop_column("discrepancy", "proposed_intent_id")
