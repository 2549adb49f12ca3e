"""Officers look at the dossiers of their agencies, the newest first."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("dossier_agency_code_id_idx", "dossier", ["agency_code", "id"])


def downgrade() -> None:
    op.drop_index("dossier_agency_code_id_idx", "dossier")
