from typing import Any

from sqlalchemy import RowMapping

from services.receipt.domain.keeping.finding import KeepingFinding, KeepingReason
from services.receipt.domain.keeping.hold import LegalHold
from services.receipt.domain.keeping.kept import KeptDocument
from services.receipt.domain.receipts.receipt import Form


def to_kept(row: RowMapping) -> KeptDocument:
    form = Form(row["form"])
    return KeptDocument(
        receipt_id=row["receipt_id"],
        form=form,
        sha256=row["sha256"],
        agency_code=row["of_agency"],
        numbered_at=row["numbered_at"],
        issued_at=row["issued_at"],
        # Of the PDF nothing but its own row says what it should be.
        recorded=(row["xml_sha256"],) if form is Form.XML else (),
        kept_at=row["kept_at"],
        dated_on=row["dated_on"],
        keep_until=row["keep_until_on"],
    )


def finding_row(finding: KeepingFinding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "reason": finding.reason.value,
        "sha256": finding.sha256,
        "receipt_id": finding.receipt_id,
        "form": finding.form.value if finding.form else None,
        "agency_code": finding.agency_code,
        "detail": finding.detail,
        "found_at": finding.found_at,
    }


def to_finding(row: RowMapping) -> KeepingFinding:
    return KeepingFinding(
        id=row["id"],
        reason=KeepingReason(row["reason"]),
        sha256=row["sha256"],
        detail=row["detail"],
        found_at=row["found_at"],
        receipt_id=row["receipt_id"],
        form=Form(row["form"]) if row["form"] else None,
        agency_code=row["agency_code"],
        repaired_at=row["repaired_at"],
        closed_at=row["closed_at"],
        closed_by=row["closed_by"],
        note=row["note"],
    )


def hold_row(hold: LegalHold) -> dict[str, Any]:
    return {
        "id": hold.id,
        "agency_code": hold.agency_code,
        "receipt_id": hold.receipt_id,
        "from_on": hold.from_day,
        "to_on": hold.to_day,
        "reason": hold.reason,
        "placed_by": hold.placed_by,
        "placed_at": hold.placed_at,
    }


def to_hold(row: RowMapping) -> LegalHold:
    return LegalHold(
        id=row["id"],
        agency_code=row["agency_code"],
        reason=row["reason"],
        placed_by=row["placed_by"],
        placed_at=row["placed_at"],
        receipt_id=row["receipt_id"],
        from_day=row["from_on"],
        to_day=row["to_on"],
        released_by=row["released_by"],
        released_at=row["released_at"],
        release_note=row["release_note"],
    )
