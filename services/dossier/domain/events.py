"""What this service announces. A published version is never edited: add the next one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from chassis.events import EventData
from services.dossier.domain.dossier import Applicant, Dossier, Step
from services.dossier.domain.fee import ChargedLine
from services.dossier.domain.fee_request import FeeRequest

# The word under which payers are sealed; every opener must say the same.
PAYER_PURPOSE = "payer"


class DossierSubmittedV1(EventData):
    type: ClassVar[str] = "dossier.submitted.v1"

    dossier_id: UUID
    dossier_code: str
    procedure_code: str
    agency_code: str
    channel: str
    client_id: str
    submitted_at: datetime

    @classmethod
    def of(cls, dossier: Dossier) -> Self:
        return cls(
            dossier_id=dossier.id,
            dossier_code=dossier.code,
            procedure_code=dossier.procedure.code,
            agency_code=dossier.agency.code,
            channel=dossier.channel,
            client_id=dossier.client_id,
            submitted_at=dossier.submitted_at,
        )


class RequestedLine(BaseModel):
    model_config = ConfigDict(frozen=True)

    line_code: str
    name: str
    kind: str
    quantity: int
    amount_minor_units: int
    legal_basis: str

    @classmethod
    def of(cls, line: ChargedLine) -> Self:
        return cls(
            line_code=line.line_code,
            name=line.name,
            kind=line.kind,
            quantity=line.quantity,
            amount_minor_units=line.amount.minor_units,
            legal_basis=line.legal_basis,
        )


class Payee(BaseModel):
    model_config = ConfigDict(frozen=True)

    bank_bin: str
    account_number: str
    account_name: str


class FeeRequestedV1(EventData):
    type: ClassVar[str] = "dossier.fee_requested.v1"

    fee_request_id: UUID
    dossier_id: UUID
    dossier_code: str
    procedure_code: str
    procedure_name: str
    agency_code: str
    agency_name: str
    client_id: str
    lines: tuple[RequestedLine, ...]
    amount_minor_units: int
    currency: str
    payee: Payee
    payer_sealed: str
    due_at: datetime

    @classmethod
    def of(cls, request: FeeRequest, dossier: Dossier, *, payer_sealed: str) -> Self:
        return cls(
            fee_request_id=request.id,
            dossier_id=dossier.id,
            dossier_code=dossier.code,
            procedure_code=dossier.procedure.code,
            procedure_name=dossier.procedure.name,
            agency_code=dossier.agency.code,
            agency_name=dossier.agency.name,
            client_id=dossier.client_id,
            lines=tuple(RequestedLine.of(line) for line in dossier.fee.payable_lines),
            amount_minor_units=request.amount.minor_units,
            currency=request.amount.currency,
            payee=Payee(
                bank_bin=request.payee.bank_bin,
                account_number=request.payee.account_number,
                account_name=request.payee.account_name,
            ),
            payer_sealed=payer_sealed,
            due_at=request.due_at,
        )


class DossierStateChangedV1(EventData):
    type: ClassVar[str] = "dossier.state_changed.v1"

    dossier_id: UUID
    dossier_code: str
    client_id: str
    from_state: int
    to_state: int
    reason: str
    changed_at: datetime

    @classmethod
    def of(cls, dossier: Dossier, step: Step) -> Self:
        return cls(
            dossier_id=dossier.id,
            dossier_code=dossier.code,
            client_id=dossier.client_id,
            from_state=step.from_state,
            to_state=step.to_state,
            reason=step.reason,
            changed_at=step.changed_at,
        )


def payer_facts(applicant: Applicant) -> Mapping[str, Any]:
    """The shape that every opener of a sealed payer relies on."""
    return {
        "full_name": applicant.full_name,
        "identity_number": applicant.identity_number,
        "address": applicant.address,
        "email": applicant.email,
        "phone": applicant.phone,
    }
