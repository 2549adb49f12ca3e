"""Let attempts take every method, and remember which methods the payer agreed to.

Expand: every new column is nullable or has a default, so the running release keeps working. What
was confirmed until now was confirmed for the code alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NEW_STATES = (
    "status IN ('cancelled', 'created', 'expired', 'failed', 'pending', 'succeeded', 'unknown')"
)
OLD_STATES = "status IN ('pending', 'unknown', 'succeeded', 'expired')"
NEW_LIVE = "status IN ('created', 'pending', 'unknown')"
OLD_LIVE = "status IN ('pending', 'unknown')"
UNCHECKED = "next_check_at IS NOT NULL"
FORGET = """
    UPDATE payment_attempt SET status = 'expired'
    WHERE status NOT IN ('pending', 'unknown', 'succeeded')
"""
FILL = """
    INSERT INTO confirmed_method (
        payment_intent_id, method, confirmation_id, evidence_id, assurance, confirmed_at
    )
    SELECT id, method, confirmation_id, confirmation_evidence_id, assurance, confirmed_at
    FROM payment_intent WHERE confirmation_id IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "confirmed_method",
        sa.Column("payment_intent_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("confirmation_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.String(100), nullable=False),
        sa.Column("assurance", sa.String(100), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("payment_intent_id", "method", name="confirmed_method_pkey"),
        sa.ForeignKeyConstraint(
            ["payment_intent_id"],
            ["payment_intent.id"],
            name="confirmed_method_payment_intent_id_fkey",
        ),
        sa.UniqueConstraint("confirmation_id", name="confirmed_method_confirmation_id_key"),
    )
    op.execute(FILL)
    op.add_column("payment_intent", sa.Column("paid_method", sa.String(20)))
    op.execute("UPDATE payment_intent SET paid_method = method WHERE status = 'succeeded'")
    _widen_attempts()
    _widen_notifications()


def _widen_attempts() -> None:
    _drop_live_indexes()
    with op.batch_alter_table("payment_attempt") as attempt:
        attempt.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        attempt.add_column(sa.Column("order_reference", sa.String(50)))
        attempt.add_column(sa.Column("bank_code", sa.String(20)))
        attempt.add_column(sa.Column("pay_url", sa.Text()))
        attempt.add_column(sa.Column("alias_account", sa.String(30)))
        attempt.add_column(sa.Column("failure", sa.String(200)))
        attempt.drop_constraint(op.f("payment_attempt_status_check"), type_="check")
        attempt.create_check_constraint(op.f("payment_attempt_status_check"), NEW_STATES)
        attempt.create_unique_constraint(
            op.f("payment_attempt_provider_order_reference_key"), ["provider", "order_reference"]
        )
    for column in ("alias_account", "payment_intent_id"):
        op.create_index(f"payment_attempt_{column}_idx", "payment_attempt", [column])
    _create_live_indexes(NEW_LIVE)


def _widen_notifications() -> None:
    with op.batch_alter_table("provider_notification") as notification:
        notification.add_column(sa.Column("order_reference", sa.String(50)))
        notification.add_column(
            sa.Column("reception", sa.String(20), nullable=False, server_default="recorded")
        )
        notification.add_column(sa.Column("next_check_at", sa.DateTime(timezone=True)))
        notification.add_column(
            sa.Column("checks", sa.Integer(), nullable=False, server_default="0")
        )
    op.create_index(
        "provider_notification_next_check_at_idx",
        "provider_notification",
        ["next_check_at"],
        postgresql_where=sa.text(UNCHECKED),
        sqlite_where=sa.text(UNCHECKED),
    )


def downgrade() -> None:
    op.drop_index("provider_notification_next_check_at_idx", "provider_notification")
    with op.batch_alter_table("provider_notification") as notification:
        for column in ("checks", "next_check_at", "reception", "order_reference"):
            notification.drop_column(column)
    op.execute(FORGET)
    _drop_live_indexes()
    for column in ("payment_intent_id", "alias_account"):
        op.drop_index(f"payment_attempt_{column}_idx", "payment_attempt")
    with op.batch_alter_table("payment_attempt") as attempt:
        attempt.drop_constraint(
            op.f("payment_attempt_provider_order_reference_key"), type_="unique"
        )
        attempt.drop_constraint(op.f("payment_attempt_status_check"), type_="check")
        attempt.create_check_constraint(op.f("payment_attempt_status_check"), OLD_STATES)
        for column in (
            "failure",
            "alias_account",
            "pay_url",
            "bank_code",
            "order_reference",
            "number",
        ):
            attempt.drop_column(column)
    _create_live_indexes(OLD_LIVE)
    op.drop_column("payment_intent", "paid_method")
    op.drop_table("confirmed_method")


def _drop_live_indexes() -> None:
    op.drop_index("payment_attempt_live_key", "payment_attempt")
    op.drop_index("payment_attempt_next_enquiry_at_idx", "payment_attempt")


def _create_live_indexes(live: str) -> None:
    op.create_index(
        "payment_attempt_live_key",
        "payment_attempt",
        ["payment_intent_id", "method"],
        unique=True,
        postgresql_where=sa.text(live),
        sqlite_where=sa.text(live),
    )
    op.create_index(
        "payment_attempt_next_enquiry_at_idx",
        "payment_attempt",
        ["next_enquiry_at"],
        postgresql_where=sa.text(live),
        sqlite_where=sa.text(live),
    )
