from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import (
    Discrepancy,
    DiscrepancyStatus,
    OwnerRole,
    Reason,
)
from services.payment.domain.discrepancies.worklist import (
    Asked,
    Decision,
    EventKind,
    HistoryEvent,
    Resolution,
)


def to_row(found: Discrepancy) -> dict[str, Any]:
    expected, refund = found.expected, found.proposed_refund
    return {
        "id": found.id,
        "provider_notification_id": found.notification_id,
        "payment_intent_id": found.payment_intent_id,
        "client_id": found.client_id,
        "agency_code": found.agency_code,
        "account_agency_code": found.account_agency_code,
        "proposed_intent_id": found.proposed_intent_id,
        "reason": found.reason,
        "status": found.status,
        "owner_role": found.owner_role,
        "expected_minor_units": expected.minor_units if expected else None,
        "expected_currency": expected.currency if expected else None,
        "received_minor_units": found.received.minor_units,
        "proposed_refund_minor_units": refund.minor_units if refund else None,
        "currency": found.received.currency,
        "provider": found.provider,
        "provider_reference": found.provider_reference,
        "found_at": found.found_at,
        "due_at": found.due_at,
    }


def to_discrepancy(row: Row[Any]) -> Discrepancy:
    return Discrepancy(
        id=row.id,
        notification_id=row.provider_notification_id,
        payment_intent_id=row.payment_intent_id,
        client_id=row.client_id,
        agency_code=row.agency_code,
        account_agency_code=row.account_agency_code,
        proposed_intent_id=row.proposed_intent_id,
        reason=Reason(row.reason),
        expected=_money(row.expected_minor_units, row.expected_currency),
        received=Money(row.received_minor_units, row.currency),
        provider=row.provider,
        provider_reference=row.provider_reference,
        found_at=row.found_at,
        due_at=row.due_at,
        owner_role=OwnerRole(row.owner_role),
        proposed_refund=_money(row.proposed_refund_minor_units, row.currency),
        status=DiscrepancyStatus(row.status),
        assignee=row.assignee,
        asked=_to_asked(row.asked),
        resolution=Resolution(row.resolution) if row.resolution else None,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
        applied_to_intent_id=row.applied_to_intent_id,
        refunded_minor_units=row.refunded_minor_units,
        applied_minor_units=row.applied_minor_units,
        cleared_minor_units=row.cleared_minor_units,
    )


def decision_to_document(decision: Decision) -> dict[str, Any]:
    intent_id = decision.payment_intent_id
    return {
        "resolution": decision.resolution,
        "payment_intent_id": str(intent_id) if intent_id else None,
        "agency_code": decision.agency_code,
    }


def asked_to_document(asked: Asked) -> dict[str, Any]:
    return {
        **decision_to_document(asked.decision),
        "by": asked.by,
        "at": asked.at.isoformat(),
    }


def event_to_row(event: HistoryEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "discrepancy_id": event.discrepancy_id,
        "kind": event.kind,
        "by_subject": event.by,
        "at": event.at,
        "note": event.note,
        "facts": dict(event.facts),
        "idempotency_key": event.idempotency_key,
        "request_fingerprint": event.request_fingerprint,
    }


def to_event(row: Row[Any]) -> HistoryEvent:
    return HistoryEvent(
        id=row.id,
        discrepancy_id=row.discrepancy_id,
        kind=EventKind(row.kind),
        by=row.by_subject,
        at=row.at,
        note=row.note,
        facts=row.facts,
        idempotency_key=row.idempotency_key,
        request_fingerprint=row.request_fingerprint,
    )


def _to_asked(document: Mapping[str, Any] | None) -> Asked | None:
    if document is None:
        return None
    intent_id = document["payment_intent_id"]
    return Asked(
        decision=Decision(
            resolution=Resolution(document["resolution"]),
            payment_intent_id=UUID(intent_id) if intent_id else None,
            agency_code=document["agency_code"],
        ),
        by=document["by"],
        at=datetime.fromisoformat(document["at"]),
    )


def _money(minor_units: int | None, currency: str) -> Money | None:
    return None if minor_units is None else Money(minor_units, currency)
