"""Attempts by every method and provider."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    return


def downgrade() -> None:
    return
