"""A file that somebody brings is found by its digest, among as many as there are receipts."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("receipt_document_sha256_idx", "receipt_document", ["sha256"])


def downgrade() -> None:
    op.drop_index("receipt_document_sha256_idx", "receipt_document")
