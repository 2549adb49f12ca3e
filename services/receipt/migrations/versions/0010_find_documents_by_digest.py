"""A file that somebody brings is found by its digest, among as many as there are receipts."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index("receipt_document_sha256_idx", "receipt_document", ["sha256"])


def downgrade() -> None:
    op.drop_index("receipt_document_sha256_idx", "receipt_document")
