"""Officers look at the payments and discrepancies of their agencies, the latest first."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = ("payment_intent", "discrepancy")
# Money that nobody could place belongs to no agency.
FILL = """
    UPDATE discrepancy SET agency_code = (
        SELECT agency_code FROM payment_intent
        WHERE payment_intent.id = discrepancy.payment_intent_id
    )
    WHERE payment_intent_id IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("discrepancy", sa.Column("agency_code", sa.String(50)))
    op.execute(FILL)
    for table in TABLES:
        op.create_index(f"{table}_agency_code_id_idx", table, ["agency_code", "id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"{table}_agency_code_id_idx", table)
    op.drop_column("discrepancy", "agency_code")
