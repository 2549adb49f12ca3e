"""The receipt forms in force since electronic receipts began, as data.

A later change of the law is a later migration, or a row an operator adds: the width of a number,
the letters of the symbol and the decree quoted are never in the code.
"""

from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TITLE = "Biên lai thu phí, lệ phí"
RULES: list[dict[str, Any]] = [
    {
        "valid_from_on": date(2022, 7, 1),
        "valid_to_on": date(2025, 5, 31),
        "number_width": 7,
        "legal_basis": "Nghị định số 123/2020/NĐ-CP",
    },
    {
        "valid_from_on": date(2025, 6, 1),
        "valid_to_on": date(2026, 6, 30),
        "number_width": 7,
        "legal_basis": "Nghị định số 123/2020/NĐ-CP, sửa đổi bởi Nghị định số 70/2025/NĐ-CP",
    },
    {
        "valid_from_on": date(2026, 7, 1),
        "valid_to_on": None,
        "number_width": 8,
        "legal_basis": "Nghị định số 254/2026/NĐ-CP",
    },
]

receipt_rule = sa.table(
    "receipt_rule",
    sa.column("valid_from_on", sa.Date),
    sa.column("valid_to_on", sa.Date),
    sa.column("title", sa.Text),
    sa.column("form_code", sa.String),
    sa.column("symbol_letters", sa.String),
    sa.column("number_width", sa.Integer),
    sa.column("legal_basis", sa.Text),
)


def upgrade() -> None:
    shared: dict[str, Any] = {"title": TITLE, "form_code": "01BLP0-001", "symbol_letters": "AA"}
    op.bulk_insert(receipt_rule, [shared | rule for rule in RULES])


def downgrade() -> None:
    days = [rule["valid_from_on"] for rule in RULES]
    op.execute(receipt_rule.delete().where(receipt_rule.c.valid_from_on.in_(days)))
