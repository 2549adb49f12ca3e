from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import (
    Discrepancy,
    DiscrepancyStatus,
    OwnerRole,
    Reason,
)
from services.payment.domain.discrepancies.worklist import (
    Action,
    Asked,
    CaseEvidence,
    Decision,
    EventKind,
    HistoryEvent,
    Resolution,
)
from services.payment.use_cases.discrepancies.get_discrepancy import CaseFile

Words = Annotated[str, Field(min_length=1, max_length=2000)]


class AnyMoneyBody(BaseModel):
    """Money as it arrived, in whatever currency."""

    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money | None) -> Self | None:
        return None if money is None else cls(amount=money.minor_units, currency=money.currency)

    @classmethod
    def some(cls, money: Money) -> Self:
        return cls(amount=money.minor_units, currency=money.currency)


class AskedBody(BaseModel):
    """A decision that waits for a second person to decide the same."""

    resolution: Resolution
    payment_intent_id: UUID | None
    agency_code: str | None
    by: str
    at: datetime

    @classmethod
    def of(cls, asked: Asked | None) -> Self | None:
        if asked is None:
            return None
        return cls(
            resolution=asked.decision.resolution,
            payment_intent_id=asked.decision.payment_intent_id,
            agency_code=asked.decision.agency_code,
            by=asked.by,
            at=asked.at,
        )


class DiscrepancyBody(BaseModel):
    """`held` is what still waits for a decision, of what was received."""

    id: UUID
    payment_intent_id: UUID | None
    client_id: str | None
    agency_code: str | None
    account_agency_code: str | None
    reason: Reason
    status: DiscrepancyStatus
    owner_role: OwnerRole
    assignee: str | None
    expected: AnyMoneyBody | None
    received: AnyMoneyBody
    held: AnyMoneyBody
    proposed_action: Action
    proposed_refund: AnyMoneyBody | None
    # The one open fee of this account and amount, where the money names none.
    proposed_intent_id: UUID | None
    awaiting: AskedBody | None
    resolution: Resolution | None
    resolved_by: str | None
    resolved_at: datetime | None
    applied_to_intent_id: UUID | None
    provider: str
    provider_reference: str
    notification_id: UUID
    found_at: datetime
    due_at: datetime

    @classmethod
    def of(cls, found: Discrepancy) -> Self:
        return cls(
            id=found.id,
            payment_intent_id=found.payment_intent_id,
            client_id=found.client_id,
            agency_code=found.agency_code,
            account_agency_code=found.account_agency_code,
            reason=found.reason,
            status=found.status,
            owner_role=found.owner_role,
            assignee=found.assignee,
            expected=AnyMoneyBody.of(found.expected),
            received=AnyMoneyBody.some(found.received),
            held=AnyMoneyBody.some(found.held),
            proposed_action=found.proposed_action,
            proposed_refund=AnyMoneyBody.of(found.proposed_refund),
            proposed_intent_id=found.proposed_intent_id,
            awaiting=AskedBody.of(found.asked),
            resolution=found.resolution,
            resolved_by=found.resolved_by,
            resolved_at=found.resolved_at,
            applied_to_intent_id=found.applied_to_intent_id,
            provider=found.provider,
            provider_reference=found.provider_reference,
            notification_id=found.notification_id,
            found_at=found.found_at,
            due_at=found.due_at,
        )


class EvidenceBody(BaseModel):
    """The provider's word; its raw bytes are kept. `bundle` is where they can be had, proved."""

    notification_id: UUID
    source: str
    outcome: str
    evidence_id: str | None
    evidence_level: str
    paid_at: datetime
    received_at: datetime
    bundle: str | None

    @classmethod
    def of(cls, evidence: CaseEvidence, case: Discrepancy) -> Self:
        intent_id = case.payment_intent_id
        return cls(
            notification_id=evidence.notification_id,
            source=evidence.source,
            outcome=evidence.outcome,
            evidence_id=evidence.evidence_id,
            evidence_level=evidence.evidence_level,
            paid_at=evidence.paid_at,
            received_at=evidence.received_at,
            bundle=f"/v1/payment-intents/{intent_id}/evidence" if intent_id else None,
        )


class HistoryEventBody(BaseModel):
    kind: EventKind
    by: str
    at: datetime
    note: str | None
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, event: HistoryEvent) -> Self:
        return cls(kind=event.kind, by=event.by, at=event.at, note=event.note, facts=event.facts)


class CaseBody(DiscrepancyBody):
    """With the word that it is about and its history, the latest first."""

    evidence: EvidenceBody
    history: list[HistoryEventBody]

    @classmethod
    def of_file(cls, file: CaseFile) -> Self:
        return cls(
            **dict(DiscrepancyBody.of(file.case)),
            evidence=EvidenceBody.of(file.evidence, file.case),
            history=[HistoryEventBody.of(event) for event in file.history],
        )


class AssignmentBody(BaseModel):
    """`assignee` null puts the case back on the pile."""

    model_config = ConfigDict(extra="forbid")

    assignee: Annotated[str | None, Field(max_length=100, pattern=r"^[A-Za-z0-9:._-]+$")]
    note: Words | None = None


class NoteBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: Words


class ResolutionBody(BaseModel):
    """`refunded` is not decided here: ask for a refund, and the case follows it."""

    model_config = ConfigDict(extra="forbid")

    resolution: Literal["applied", "written_off", "no_fault"]
    reason: Words
    payment_intent_id: UUID | None = None
    agency_code: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")] = None

    def to_decision(self) -> Decision:
        return Decision(
            resolution=Resolution(self.resolution),
            payment_intent_id=self.payment_intent_id,
            agency_code=self.agency_code,
        )
