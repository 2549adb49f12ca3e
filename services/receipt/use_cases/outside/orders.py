"""What an issuer is asked, made of stored facts alone, so that asking again says the same."""

from datetime import datetime

from chassis.ports import SealingPort
from services.receipt.domain.outside.issue import OutsideIssue
from services.receipt.domain.receipts.fee import PAYER_PURPOSE, CollectingBody, Payer
from services.receipt.ports.outside import Corrected, OutsideOrder


def order_of(
    issue: OutsideIssue,
    body: CollectingBody,
    *,
    corrected: OutsideIssue | None,
    at: datetime,
    seals: SealingPort,
) -> OutsideOrder:
    fee = issue.fee
    return OutsideOrder(
        key=issue.key,
        wanted=issue.wanted,
        body=body,
        payer=Payer.of(seals.unseal(issue.payer_sealed, purpose=PAYER_PURPOSE)),
        kind=issue.kind,
        lines=issue.lines,
        amount=issue.amount,
        method=fee.method,
        at=issue.asked_at or at,
        reference=fee.dossier_code or fee.reference or "",
        corrected=None if corrected is None else _corrected(corrected),
        reason=issue.reason or "",
    )


def _corrected(issue: OutsideIssue) -> Corrected:
    told, asked_at = issue.told, issue.asked_at
    assert told is not None, "only what was issued is corrected"
    assert asked_at is not None, "only what was asked for was issued"
    return Corrected(key=issue.key, told=told, issued_at=told.issued_at or asked_at)
