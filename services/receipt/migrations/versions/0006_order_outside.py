"""Receipts that an outside issuer numbers: orders to it, what does not fit, and its own symbols.

Issuers' form codes and symbols are longer than ours (`BH25-AG/08907/E`), so those columns grow.
"""

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Document, Utc

revision = "0006"
down_revision = "0005"

LONGER = {"form_code": 20, "symbol": 25}
BEFORE = {"form_code": 10, "symbol": 9}


def upgrade() -> None:
    op.add_column("receipt", sa.Column("issuer", sa.String(32)))
    _spell(LONGER)
    _create_outside_issue()
    _create_outside_finding()


def downgrade() -> None:
    op.drop_table("outside_finding")
    op.drop_table("outside_issue")
    _spell(BEFORE)
    op.drop_column("receipt", "issuer")


def _spell(lengths: dict[str, int]) -> None:
    for table in ("receipt", "receipt_series"):
        with op.batch_alter_table(table) as altered:
            for column, length in lengths.items():
                altered.alter_column(column, type_=sa.String(length), existing_nullable=False)


def _create_outside_issue() -> None:
    op.create_table(
        "outside_issue",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("issuer", sa.String(32), nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("wanted", sa.String(16), nullable=False),
        sa.Column("payment_intent_id", sa.Uuid, nullable=False),
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("lines", Document),
        sa.Column("payer_sealed", sa.Text),
        sa.Column("corrects_id", sa.Uuid),
        sa.Column("amendment_id", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", Utc),
        sa.Column("check_due_at", Utc),
        sa.Column("asked_at", Utc),
        sa.Column("refusal", sa.String(64)),
        sa.Column("form_code", sa.String(20)),
        sa.Column("symbol", sa.String(25)),
        sa.Column("number", Big),
        sa.Column("width", sa.Integer),
        sa.Column("told_at", Utc),
        sa.Column("their_code", sa.String(64)),
        sa.Column("document", sa.LargeBinary),
        sa.Column("receipt_id", sa.Uuid),
        sa.Column("ordered_at", Utc, nullable=False),
        sa.CheckConstraint("part BETWEEN 1 AND parts", name=op.f("outside_issue_part_check")),
        sa.CheckConstraint("tries >= 0", name=op.f("outside_issue_tries_check")),
        sa.CheckConstraint(
            "(state IN ('waiting', 'asked', 'unknown')) = (due_at IS NOT NULL)",
            name=op.f("outside_issue_due_check"),
        ),
        sa.PrimaryKeyConstraint("id", name="outside_issue_pkey"),
        sa.UniqueConstraint("key", name="outside_issue_key_key"),
        sa.UniqueConstraint("amendment_id", name="outside_issue_amendment_id_key"),
        *(
            sa.ForeignKeyConstraint([column], [target], name=f"outside_issue_{column}_fkey")
            for column, target in (
                ("payment_intent_id", "paid_fee.payment_intent_id"),
                ("corrects_id", "receipt.id"),
                ("receipt_id", "receipt.id"),
            )
        ),
    )
    _index("original_key", ["payment_intent_id", "agency_code", "kind"], "wanted = 'original'")
    _index(
        "told_key",
        ["issuer", "form_code", "symbol", "number"],
        "state = 'issued' AND number IS NOT NULL",
    )
    _index("due_idx", ["issuer", "due_at"], "due_at IS NOT NULL")
    _index("check_due_idx", ["issuer", "check_due_at"], "check_due_at IS NOT NULL")
    _index("undone_idx", ["issuer", "state", "ordered_at"], "state <> 'issued'")
    for column in ("receipt_id", "corrects_id"):
        op.create_index(f"outside_issue_{column}_idx", "outside_issue", [column])


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        f"outside_issue_{name}",
        "outside_issue",
        columns,
        unique=name.endswith("_key"),
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
    )


def _create_outside_finding() -> None:
    op.create_table(
        "outside_finding",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("issuer", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("agency_code", sa.String(32)),
        sa.Column("issue_id", sa.Uuid),
        sa.Column("found_at", Utc, nullable=False),
        sa.Column("closed_at", Utc),
        sa.Column("closed_by", sa.String(100)),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("id", name="outside_finding_pkey"),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["outside_issue.id"], name="outside_finding_issue_id_fkey"
        ),
    )
    op.create_index(
        "outside_finding_open_key",
        "outside_finding",
        ["issuer", "reason", "subject"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("outside_finding_issue_id_idx", "outside_finding", ["issue_id"])
