"""Take bills that billers open themselves, one by one and in bulk.

Expand: what a dossier's fee always has becomes nullable, because a bill may be of no dossier.
SQLite cannot make a column nullable, so there a new column takes the place of the old.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from chassis.db import Big, Document, Utc

revision = "0008"
down_revision = "0007"

TABLE = "payment_intent"
OF_DOSSIERS: dict[str, TypeEngine[Any]] = {
    "dossier_id": sa.Uuid(),
    "dossier_code": sa.String(50),
    "plain_dossier_code": sa.String(50),
    "procedure_code": sa.String(50),
    "procedure_name": sa.Text(),
}
COUNTS = ("read", "opened", "refused", "cancelled")
INDEXED = ("dossier_id", "plain_dossier_code")
BILL_COLUMNS: dict[str, TypeEngine[Any]] = {
    "reference": sa.String(50),
    "request_fingerprint": sa.String(64),
    "idempotency_key": sa.String(255),
    "bill_batch_id": sa.Uuid(),
}
# Only a bill is confirmed by the word of whoever asks for it.
CHECK = (
    "(source = 'bill') = (reference IS NOT NULL)"
    " AND (source = 'bill' OR dossier_id IS NOT NULL)"
    " AND (source = 'bill' OR assurance IS NULL OR assurance <> 'biller-signature')"
)
NAME = "payment_intent_source_check"
# By name: columns, uniqueness, and of which rows.
INDEXES = {
    "payment_intent_reference_key": (["reference", "client_id"], True, "reference IS NOT NULL"),
    "payment_intent_idempotency_key_key": (
        ["client_id", "idempotency_key"],
        True,
        "idempotency_key IS NOT NULL",
    ),
    "payment_intent_bill_batch_id_idx": (
        ["bill_batch_id", "id"],
        False,
        "bill_batch_id IS NOT NULL",
    ),
}
# A bill without a dossier is kept as a dossier of its own.
FILL = """
    UPDATE payment_intent SET
        dossier_id = coalesce(dossier_id, id),
        dossier_code = coalesce(dossier_code, reference),
        plain_dossier_code = coalesce(plain_dossier_code, upper(reference)),
        procedure_code = coalesce(procedure_code, ''),
        procedure_name = coalesce(procedure_name, '')
    WHERE source = 'bill'
"""


STATES = "'cancelled', 'cancelling', 'completed', 'opening', 'reading', 'refused'"
WORK = "status IN ('cancelling', 'opening', 'reading')"
WAITING = "result = 'waiting'"
NEW_TABLES = ("bill_batch_line", "bill_batch_part", "bill_batch", "agency")


def upgrade() -> None:
    _let_be_null()
    for name, kind in BILL_COLUMNS.items():
        op.add_column(TABLE, sa.Column(name, kind))
    if _on_postgresql():
        op.add_column(
            TABLE, sa.Column("source", sa.String(10), nullable=False, server_default="dossier")
        )
        op.create_check_constraint(op.f(NAME), TABLE, CHECK)
    else:
        op.execute(
            f"ALTER TABLE {TABLE} ADD COLUMN source VARCHAR(10) NOT NULL DEFAULT 'dossier' "
            f"CONSTRAINT {NAME} CHECK ({CHECK})"
        )
    for name, (columns, unique, where) in INDEXES.items():
        op.create_index(
            name,
            TABLE,
            columns,
            unique=unique,
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
        )

    _create_agency()
    _create_batch()
    _create_batch_line()


def downgrade() -> None:
    for table in NEW_TABLES:
        op.drop_table(table)
    op.execute(FILL)
    for name in INDEXES:
        op.drop_index(name, TABLE)
    if _on_postgresql():
        op.drop_constraint(op.f(NAME), TABLE, type_="check")
    # On SQLite the check goes with its column.
    op.drop_column(TABLE, "source")
    for name in BILL_COLUMNS:
        op.drop_column(TABLE, name)
    _require_again()


def _create_agency() -> None:
    op.create_table(
        "agency",
        sa.Column("agency_code", sa.String(50), primary_key=True),
        sa.Column("valid_from_on", sa.Date, primary_key=True),
        sa.Column("valid_to_on", sa.Date),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("bank_bin", sa.String(8), nullable=False),
        sa.Column("account_number", sa.String(19), nullable=False),
        sa.Column("account_name", sa.Text, nullable=False),
        sa.Column("published_at", Utc, nullable=False),
    )


def _create_batch() -> None:
    op.create_table(
        "bill_batch",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("file_bytes", Big, nullable=False),
        sa.Column("evidence_id", sa.String(100), nullable=False),
        sa.Column("encoding", sa.String(10), nullable=False),
        sa.Column("delimiter", sa.String(1), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in COUNTS),
        sa.Column("refusal", Document),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("finished_at", Utc),
        sa.CheckConstraint(f"status IN ({STATES})", name="status"),
        sa.CheckConstraint(
            "opened >= 0 AND refused >= 0 AND opened + refused <= read", name="counts"
        ),
        sa.UniqueConstraint("client_id", "idempotency_key"),
        sa.UniqueConstraint("client_id", "file_sha256"),
    )
    op.create_index("bill_batch_client_id_id_idx", "bill_batch", ["client_id", "id"])
    op.create_index(
        "bill_batch_work_idx",
        "bill_batch",
        ["created_at"],
        postgresql_where=sa.text(WORK),
        sqlite_where=sa.text(WORK),
    )
    op.create_table(
        "bill_batch_part",
        sa.Column("bill_batch_id", sa.Uuid, sa.ForeignKey("bill_batch.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("sealed", sa.Text, nullable=False),
    )


def _create_batch_line() -> None:
    op.create_table(
        "bill_batch_line",
        sa.Column("bill_batch_id", sa.Uuid, sa.ForeignKey("bill_batch.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("reference", sa.String(50)),
        sa.Column("result", sa.String(10), nullable=False),
        sa.Column("sealed", sa.Text),
        sa.Column("refusal", Document),
        sa.Column("payment_intent_id", sa.Uuid, sa.ForeignKey("payment_intent.id")),
        sa.CheckConstraint("result IN ('opened', 'refused', 'waiting')", name="result"),
        sa.CheckConstraint("(result = 'opened') = (payment_intent_id IS NOT NULL)", name="opened"),
        sa.CheckConstraint("(result = 'waiting') = (sealed IS NOT NULL)", name="sealed"),
    )
    op.create_index(
        "bill_batch_line_waiting_idx",
        "bill_batch_line",
        ["bill_batch_id", "number"],
        postgresql_where=sa.text(WAITING),
        sqlite_where=sa.text(WAITING),
    )
    op.create_index(
        "bill_batch_line_result_idx", "bill_batch_line", ["bill_batch_id", "result", "number"]
    )


def _let_be_null() -> None:
    if _on_postgresql():
        for name in OF_DOSSIERS:
            op.alter_column(TABLE, name, nullable=True)
        return
    _put_in_place("{kind}")


def _require_again() -> None:
    if _on_postgresql():
        for name in OF_DOSSIERS:
            op.alter_column(TABLE, name, nullable=False)
        return
    _put_in_place("{kind} NOT NULL DEFAULT ''")


def _put_in_place(definition: str) -> None:
    for name in INDEXED:
        op.drop_index(f"payment_intent_{name}_idx", TABLE)
    for name, kind in OF_DOSSIERS.items():
        spelled = definition.format(kind=kind.compile(dialect=op.get_bind().dialect))
        op.execute(f"ALTER TABLE {TABLE} ADD COLUMN new_{name} {spelled}")
        op.execute(f"UPDATE {TABLE} SET new_{name} = {name}")  # noqa: S608
        op.execute(f"ALTER TABLE {TABLE} DROP COLUMN {name}")
        op.execute(f"ALTER TABLE {TABLE} RENAME COLUMN new_{name} TO {name}")
    for name in INDEXED:
        op.create_index(f"payment_intent_{name}_idx", TABLE, [name])


def _on_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
