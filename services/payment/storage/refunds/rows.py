"""Between a refund and its row."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row

from chassis.money import Money
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.refunds.refund import (
    Evidence,
    Refund,
    RefundStatus,
    Report,
    Requester,
)
from services.payment.domain.refunds.source import RefundLine, RefundSource, SourceKind

# What a step may change; all else is as it was asked.
CHANGING: Final = (
    "status",
    "automatic_up_to_minor_units",
    "decided_by",
    "decided_at",
    "sending_at",
    "by_hand",
    "enquiries",
    "next_enquiry_at",
    "answer_raw",
    "answer_proof",
    "answer_evidence_level",
    "provider_reference",
    "failure",
    "ended_by",
    "ended_at",
)


def to_row(refund: Refund) -> dict[str, Any]:
    source, requester = refund.source, refund.requester
    return {
        "id": refund.id,
        "source_kind": source.kind,
        "payment_intent_id": source.payment_intent_id,
        "discrepancy_id": refund.discrepancy_id,
        "dossier_id": source.dossier_id,
        "dossier_code": source.dossier_code,
        "client_id": source.client_id,
        "agency_code": source.agency_code,
        "amount_minor_units": refund.amount.minor_units,
        "currency": refund.amount.currency,
        "lines": [line_to_document(line) for line in refund.lines],
        "provider": source.provider,
        "payment_reference": source.provider_reference,
        "order_reference": source.order_reference,
        "paid_minor_units": source.paid.minor_units,
        "paid_at": source.paid_at,
        "reason": refund.reason,
        "account_sealed": refund.account_sealed,
        "requested_by_kind": requester.kind,
        "requested_by": requester.subject,
        "idempotency_key": requester.idempotency_key,
        "request_fingerprint": refund.fingerprint,
        "requested_at": refund.requested_at,
        **_changing(refund),
    }


def changed(refund: Refund) -> dict[str, Any]:
    row = _changing(refund)
    return {name: row[name] for name in CHANGING}


def _changing(refund: Refund) -> dict[str, Any]:
    up_to, evidence = refund.automatic_up_to, refund.evidence
    return {
        "status": refund.status,
        "automatic_up_to_minor_units": up_to.minor_units if up_to else None,
        "decided_by": refund.decided_by,
        "decided_at": refund.decided_at,
        "sending_at": refund.sending_at,
        "by_hand": refund.by_hand,
        "enquiries": refund.enquiries,
        "next_enquiry_at": refund.next_enquiry_at,
        "answer_raw": evidence.raw if evidence else None,
        "answer_proof": dict(evidence.proof) if evidence and evidence.proof else None,
        "answer_evidence_level": evidence.level if evidence else None,
        "provider_reference": refund.provider_reference,
        "failure": refund.failure,
        "ended_by": refund.ended_by,
        "ended_at": refund.ended_at,
    }


def to_refund(row: Row[Any]) -> Refund:
    up_to = row.automatic_up_to_minor_units
    return Refund(
        id=row.id,
        source=_to_source(row),
        amount=Money(row.amount_minor_units, row.currency),
        lines=lines_of(row.lines, row.currency),
        reason=row.reason,
        requester=Requester(
            kind=row.requested_by_kind,
            subject=row.requested_by,
            idempotency_key=row.idempotency_key,
        ),
        fingerprint=row.request_fingerprint,
        requested_at=row.requested_at,
        account_sealed=row.account_sealed,
        status=RefundStatus(row.status),
        automatic_up_to=None if up_to is None else Money(up_to, row.currency),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        sending_at=row.sending_at,
        by_hand=row.by_hand,
        enquiries=row.enquiries,
        next_enquiry_at=row.next_enquiry_at,
        report=_to_report(row),
        evidence=_to_evidence(row),
        provider_reference=row.provider_reference,
        failure=row.failure,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
    )


def line_to_document(line: RefundLine) -> dict[str, Any]:
    return {
        "line_code": line.line_code,
        "kind": line.kind,
        "agency_code": line.agency_code,
        "amount_minor_units": line.amount.minor_units,
    }


def lines_of(documents: list[Mapping[str, Any]], currency: str) -> tuple[RefundLine, ...]:
    return tuple(
        RefundLine(
            line_code=one["line_code"],
            kind=FeeKind(one["kind"]),
            agency_code=one["agency_code"],
            amount=Money(one["amount_minor_units"], currency),
        )
        for one in documents
    )


def _to_source(row: Row[Any]) -> RefundSource:
    """As it was at the request; what is left of it now is known by its own row alone."""
    kind = SourceKind(row.source_kind)
    paid = Money(row.paid_minor_units, row.currency)
    return RefundSource(
        kind=kind,
        id=row.payment_intent_id if kind is SourceKind.PAYMENT else row.discrepancy_id,
        payment_intent_id=row.payment_intent_id,
        dossier_id=row.dossier_id,
        dossier_code=row.dossier_code,
        client_id=row.client_id,
        agency_code=row.agency_code,
        paid=paid,
        refunded=Money(row.amount_minor_units, row.currency),
        lines=(),
        provider=row.provider,
        provider_reference=row.payment_reference,
        order_reference=row.order_reference,
        paid_at=row.paid_at,
    )


def _to_report(row: Row[Any]) -> Report | None:
    if row.reported_at is None:
        return None
    return Report(
        succeeded=row.reported_success,
        reference=row.reported_reference,
        by=row.reported_by,
        at=row.reported_at,
    )


def _to_evidence(row: Row[Any]) -> Evidence | None:
    if row.answer_evidence_level is None:
        return None
    return Evidence(raw=row.answer_raw, proof=row.answer_proof, level=row.answer_evidence_level)
