"""Drawers of the counter."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    return


def downgrade() -> None:
    return
