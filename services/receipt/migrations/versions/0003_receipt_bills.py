"""Give receipts for bills: of no dossier or procedure, and of several agencies in one payment."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0003"
down_revision = "0002"

FEE = "paid_fee"
OF_DOSSIERS: dict[str, TypeEngine[Any]] = {
    "dossier_id": sa.Uuid(),
    "dossier_code": sa.String(64),
    "procedure_code": sa.String(32),
    "procedure_name": sa.Text(),
}
FILL = """
    UPDATE paid_fee SET
        dossier_id = coalesce(dossier_id, payment_intent_id),
        dossier_code = coalesce(dossier_code, reference, ''),
        procedure_code = coalesce(procedure_code, ''),
        procedure_name = coalesce(procedure_name, '')
"""
OLD_KEY, NEW_KEY = "receipt_payment_kind_key", "receipt_payment_agency_kind_key"


def upgrade() -> None:
    _redefine("{kind}", nullable=True)
    op.add_column(FEE, sa.Column("reference", sa.String(64)))
    with op.batch_alter_table("receipt") as receipt:
        receipt.drop_constraint(op.f(OLD_KEY), type_="unique")
        receipt.create_unique_constraint(
            op.f(NEW_KEY), ["payment_intent_id", "agency_code", "kind"]
        )


def downgrade() -> None:
    op.execute(FILL)
    with op.batch_alter_table("receipt") as receipt:
        receipt.drop_constraint(op.f(NEW_KEY), type_="unique")
        receipt.create_unique_constraint(op.f(OLD_KEY), ["payment_intent_id", "kind"])
    op.drop_column(FEE, "reference")
    _redefine("{kind} NOT NULL DEFAULT ''", nullable=False)


def _redefine(definition: str, *, nullable: bool) -> None:
    """SQLite cannot make a column nullable, so there a new column takes the place of the old."""
    if op.get_context().dialect.name == "postgresql":
        for name in OF_DOSSIERS:
            op.alter_column(FEE, name, nullable=nullable)
        return
    for name, kind in OF_DOSSIERS.items():
        spelled = definition.format(kind=kind.compile(dialect=op.get_bind().dialect))
        op.execute(f"ALTER TABLE {FEE} ADD COLUMN new_{name} {spelled}")
        op.execute(f"UPDATE {FEE} SET new_{name} = {name}")  # noqa: S608
        op.execute(f"ALTER TABLE {FEE} DROP COLUMN {name}")
        op.execute(f"ALTER TABLE {FEE} RENAME COLUMN new_{name} TO {name}")
