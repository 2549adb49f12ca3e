from typing import Any

from sqlalchemy import RowMapping

from services.receipt.domain.outside.finding import Finding, FindingReason
from services.receipt.domain.outside.issue import OrderState, OutsideIssue, Told, Wanted
from services.receipt.domain.receipts.fee import Kind, lines_of
from services.receipt.storage.receipts.rows import line_document, to_fee, to_lines


def issue_row(issue: OutsideIssue) -> dict[str, Any]:
    original = issue.wanted is Wanted.ORIGINAL
    return {
        "id": issue.id,
        "issuer": issue.issuer,
        "key": issue.key,
        "wanted": issue.wanted.value,
        "payment_intent_id": issue.fee.payment_intent_id,
        "agency_code": issue.agency_code,
        "kind": issue.kind.value,
        "part": issue.part,
        "parts": issue.parts,
        "lines": None if original else [line_document(line) for line in issue.lines],
        "corrects_id": issue.corrects_id,
        "amendment_id": issue.amendment_id,
        "reason": issue.reason,
        "ordered_at": issue.ordered_at,
        **changing(issue),
    }


def changing(issue: OutsideIssue) -> dict[str, Any]:
    """What an order's way through its states writes."""
    told = issue.told
    return {
        # Null: as the fee has it.
        "payer_sealed": None
        if issue.payer_sealed == issue.fee.payer_sealed
        else issue.payer_sealed,
        "state": issue.state.value,
        "tries": issue.tries,
        "due_at": issue.due_at,
        "asked_at": issue.asked_at,
        "refusal": issue.refusal,
        "form_code": told and told.form_code,
        "symbol": told and told.symbol,
        "number": told and told.number,
        "width": told and told.width,
        "told_at": told and told.issued_at,
        "their_code": told and told.their_code,
        "receipt_id": issue.receipt_id,
    }


def to_issue(row: RowMapping) -> OutsideIssue:
    """From an order's row joined with its fee's."""
    fee, kind, agency = to_fee(row), Kind(row["kind"]), row["agency_code"]
    own = row["order_lines"]
    return OutsideIssue(
        id=row["id"],
        issuer=row["issuer"],
        key=row["key"],
        wanted=Wanted(row["wanted"]),
        fee=fee,
        agency_code=agency,
        kind=kind,
        part=row["part"],
        parts=row["parts"],
        lines=lines_of(fee.lines, agency_code=agency, kind=kind)
        if own is None
        else to_lines(own, agency_code=agency),
        payer_sealed=row["order_payer_sealed"] or fee.payer_sealed,
        corrects_id=row["corrects_id"],
        amendment_id=row["amendment_id"],
        reason=row["reason"],
        state=OrderState(row["state"]),
        tries=row["tries"],
        due_at=row["due_at"],
        asked_at=row["asked_at"],
        refusal=row["refusal"],
        told=_to_told(row),
        receipt_id=row["receipt_id"],
        ordered_at=row["ordered_at"],
    )


def _to_told(row: RowMapping) -> Told | None:
    if row["number"] is None:
        return None
    return Told(
        form_code=row["form_code"],
        symbol=row["symbol"],
        number=row["number"],
        width=row["width"],
        issued_at=row["told_at"],
        their_code=row["their_code"],
    )


def finding_row(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "issuer": finding.issuer,
        "reason": finding.reason.value,
        "subject": finding.subject,
        "detail": finding.detail,
        "agency_code": finding.agency_code,
        "issue_id": finding.issue_id,
        "found_at": finding.found_at,
        "closed_at": finding.closed_at,
        "closed_by": finding.closed_by,
        "note": finding.note,
    }


def to_finding(row: RowMapping) -> Finding:
    facts = dict(row)
    return Finding(**facts | {"reason": FindingReason(facts["reason"])})
