"""Refunds for a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from services.payment.api.refunds.schemas import RefundBody

COLUMNS: Final = (
    "id",
    "of",
    "payment_intent_id",
    "discrepancy_id",
    "dossier_code",
    "agency_code",
    "amount_minor_units",
    "currency",
    "status",
    "reason",
    "requested_by",
    "requested_at",
    "automatic",
    "decided_by",
    "decided_at",
    "provider",
    "refund_reference",
    "provider_reference",
    "by_hand",
    "ended_at",
)
# A spreadsheet would take these for the beginning of a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def refunds_csv(refunds: Iterable[RefundBody]) -> bytes:
    """UTF-8 with the mark that spreadsheets look for."""
    written = io.StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for refund in refunds:
        said = refund.model_dump(mode="json")
        said["amount_minor_units"] = refund.amount.amount
        said["currency"] = refund.amount.currency
        rows.writerow([_harmless(said[name]) for name in COLUMNS])
    return written.getvalue().encode("utf-8-sig")


def _harmless(value: object) -> str:
    cell = "" if value is None else str(value)
    return f"'{cell}" if cell.startswith(FORMULA) else cell
