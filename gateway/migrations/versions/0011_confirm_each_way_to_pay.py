"""Let a payment have a confirmation for each way to pay it.

What was confirmed until now keeps its place: the new key is wider than the old one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

CONFIRMED = sa.text("status = 'confirmed'")
# Of several confirmations the first stays the payment's own.
FORGET = """
    UPDATE confirmation SET status = 'superseded', evidence_id = NULL
    WHERE status = 'confirmed' AND EXISTS (
        SELECT 1 FROM confirmation earlier
        WHERE earlier.payment_intent_id = confirmation.payment_intent_id
        AND earlier.status = 'confirmed' AND earlier.confirmed_at < confirmation.confirmed_at
    )
"""


def upgrade() -> None:
    _replace(["payment_intent_id", "method"])


def downgrade() -> None:
    op.execute(FORGET)
    _replace(["payment_intent_id"])


def _replace(columns: list[str]) -> None:
    op.drop_index("confirmation_confirmed_key", "confirmation")
    op.create_index(
        "confirmation_confirmed_key",
        "confirmation",
        columns,
        unique=True,
        postgresql_where=CONFIRMED,
        sqlite_where=CONFIRMED,
    )
