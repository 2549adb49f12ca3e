"""Settlement files and what reconciling them found."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    return


def downgrade() -> None:
    return
