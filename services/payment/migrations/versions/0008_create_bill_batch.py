"""Bills that billers send in bulk."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    return


def downgrade() -> None:
    return
