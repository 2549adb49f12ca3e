"""A copy of every signed document in a vault: what is kept, what was found, what is on hold.

The trigger beside a document's row makes the row that says it must be kept, in the transaction that
stores the bytes. The trigger that refuses every change of a document now lets one pass: bytes that
do not fit their digest may become those that do.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from chassis.db import Big, Utc

revision = "0012"
down_revision = "0011"

WAITING = "kept_at IS NULL"
THERE = "kept_at IS NOT NULL AND removing_at IS NULL"
NOT_REMOVED = "keep_until_on IS NOT NULL AND removed_at IS NULL"
OPEN = "repaired_at IS NULL AND closed_at IS NULL"
YEARS = 10
SINCE = date(2017, 1, 1)
LEGAL_BASIS = "Luật Kế toán số 88/2015/QH13; Nghị định số 174/2016/NĐ-CP, Điều 12 và Điều 13"
WORDS = "an issued document never changes"

KEPT = (
    "INSERT INTO kept_document (receipt_id, form, sha256, size_bytes)"
    " SELECT NEW.receipt_id, NEW.form, NEW.sha256, length(NEW.body) WHERE NOT EXISTS"
    " (SELECT 1 FROM kept_document k WHERE k.receipt_id = NEW.receipt_id AND k.form = NEW.form);"
)
# The same words for both databases but for how each spells a digest.
MENDING = (
    "NEW.receipt_id = OLD.receipt_id AND NEW.form = OLD.form AND NEW.sha256 = OLD.sha256"
    " AND {new} = OLD.sha256 AND {old} <> OLD.sha256"
)


def upgrade() -> None:
    _create_kept_document()
    _create_keeping_finding()
    _create_legal_hold()
    _create_retention_rule()
    _create_vault_shelf()
    op.execute(
        "INSERT INTO kept_document (receipt_id, form, sha256, size_bytes)"
        " SELECT receipt_id, form, sha256, length(body) FROM receipt_document"
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER receipt_document_is_kept ON receipt_document")
        op.execute("DROP FUNCTION receipt_document_is_kept()")
        op.execute(
            "CREATE OR REPLACE FUNCTION receipt_document_is_final() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$"
        )
    else:
        op.execute("DROP TRIGGER receipt_document_is_kept")
        op.execute("DROP TRIGGER receipt_document_is_final_update")
        op.execute(
            "CREATE TRIGGER receipt_document_is_final_update BEFORE UPDATE ON receipt_document"
            f" BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        )
    for table in (
        "vault_shelf",
        "retention_rule",
        "legal_hold",
        "keeping_finding",
        "kept_document",
    ):
        op.drop_table(table)


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION receipt_document_is_kept() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {KEPT} RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER receipt_document_is_kept AFTER INSERT ON receipt_document"
        " FOR EACH ROW EXECUTE FUNCTION receipt_document_is_kept()"
    )
    mending = MENDING.format(
        new="encode(sha256(NEW.body), 'hex')", old="encode(sha256(OLD.body), 'hex')"
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION receipt_document_is_final() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN IF TG_OP = 'UPDATE' THEN IF {mending} THEN RETURN NEW; END IF; END IF;"
        f" RAISE EXCEPTION '{WORDS}'; END $$"
    )


def _sqlite_triggers() -> None:
    op.execute(
        f"CREATE TRIGGER receipt_document_is_kept AFTER INSERT ON receipt_document BEGIN {KEPT} END"
    )
    mending = MENDING.format(new="sha256_hex(NEW.body)", old="sha256_hex(OLD.body)")
    op.execute("DROP TRIGGER receipt_document_is_final_update")
    op.execute(
        "CREATE TRIGGER receipt_document_is_final_update BEFORE UPDATE ON receipt_document"
        f" WHEN NOT ({mending}) BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    )


def _create_kept_document() -> None:
    op.create_table(
        "kept_document",
        sa.Column("receipt_id", sa.Uuid, nullable=False),
        sa.Column("form", sa.String(3), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", Big, nullable=False),
        sa.Column("due_at", Utc),
        sa.Column("kept_at", Utc),
        sa.Column("agency_code", sa.String(32)),
        sa.Column("dated_on", sa.Date),
        sa.Column("keep_until_on", sa.Date),
        sa.Column("last_checked_at", Utc),
        sa.Column("removing_at", Utc),
        sa.Column("removed_at", Utc),
        sa.CheckConstraint(
            "(kept_at IS NULL) = (dated_on IS NULL)", name=op.f("kept_document_dated_check")
        ),
        sa.CheckConstraint(
            "removed_at IS NULL OR removing_at IS NOT NULL",
            name=op.f("kept_document_removed_check"),
        ),
        sa.CheckConstraint(
            "removing_at IS NULL OR keep_until_on IS NOT NULL",
            name=op.f("kept_document_removing_check"),
        ),
        sa.PrimaryKeyConstraint("receipt_id", "form", name="kept_document_pkey"),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name="kept_document_receipt_id_fkey"
        ),
    )
    op.create_index("kept_document_sha256_idx", "kept_document", ["sha256"])
    _index("kept_document", "waiting_idx", ["receipt_id"], WAITING)
    _index("kept_document", "due_at_idx", ["due_at"], THERE)
    _index("kept_document", "keep_until_on_idx", ["keep_until_on", "receipt_id"], NOT_REMOVED)


def _create_keeping_finding() -> None:
    op.create_table(
        "keeping_finding",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("receipt_id", sa.Uuid),
        sa.Column("form", sa.String(3)),
        sa.Column("agency_code", sa.String(32)),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("found_at", Utc, nullable=False),
        sa.Column("repaired_at", Utc),
        sa.Column("closed_at", Utc),
        sa.Column("closed_by", sa.String(100)),
        sa.Column("note", sa.Text),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("keeping_finding_closed_check")
        ),
        sa.PrimaryKeyConstraint("id", name="keeping_finding_pkey"),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name="keeping_finding_receipt_id_fkey"
        ),
    )
    _index("keeping_finding", "open_key", ["sha256", "reason"], OPEN)


def _create_legal_hold() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("agency_code", sa.String(32), nullable=False),
        sa.Column("receipt_id", sa.Uuid),
        sa.Column("from_on", sa.Date),
        sa.Column("to_on", sa.Date),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("placed_by", sa.String(100), nullable=False),
        sa.Column("placed_at", Utc, nullable=False),
        sa.Column("released_by", sa.String(100)),
        sa.Column("released_at", Utc),
        sa.Column("release_note", sa.Text),
        *(
            sa.CheckConstraint(rule, name=op.f(f"legal_hold_{name}_check"))
            for name, rule in (
                ("subject", "(receipt_id IS NULL) = (from_on IS NOT NULL)"),
                ("days", "to_on IS NULL OR to_on >= from_on"),
                ("four_eyes", "released_by IS NULL OR released_by <> placed_by"),
                ("released", "(released_at IS NULL) = (released_by IS NULL)"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="legal_hold_pkey"),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name="legal_hold_receipt_id_fkey"),
    )
    _index("legal_hold", "agency_code_idx", ["agency_code"], "released_at IS NULL")


def _create_retention_rule() -> None:
    table = op.create_table(
        "retention_rule",
        sa.Column("valid_from_on", sa.Date, nullable=False),
        sa.Column("valid_to_on", sa.Date),
        sa.Column("years", sa.Integer, nullable=False),
        sa.Column("legal_basis", sa.Text, nullable=False),
        sa.CheckConstraint("years >= 1", name=op.f("retention_rule_years_check")),
        sa.PrimaryKeyConstraint("valid_from_on", name="retention_rule_pkey"),
    )
    op.bulk_insert(
        table,
        [{"valid_from_on": SINCE, "valid_to_on": None, "years": YEARS, "legal_basis": LEGAL_BASIS}],
    )


def _create_vault_shelf() -> None:
    table = op.create_table(
        "vault_shelf",
        sa.Column("prefix", sa.String(2), nullable=False),
        sa.Column("due_at", Utc),
        sa.Column("looked_at", Utc),
        sa.PrimaryKeyConstraint("prefix", name="vault_shelf_pkey"),
    )
    op.bulk_insert(table, [{"prefix": f"{number:02x}"} for number in range(256)])


def _index(table: str, name: str, columns: list[str], where: str) -> None:
    op.create_index(
        f"{table}_{name}",
        table,
        columns,
        unique=name.endswith("_key"),
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
    )
