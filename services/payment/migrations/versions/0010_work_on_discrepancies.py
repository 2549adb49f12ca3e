"""Discrepancies are worked on."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    return


def downgrade() -> None:
    return
