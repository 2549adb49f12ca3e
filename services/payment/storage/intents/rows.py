"""Between rows and payment intents. Documents inside a row are plain JSON, readable by hand."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis.money import Money
from services.payment.domain.intents.bill_reference import plain
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import (
    Confirmation,
    FeeKind,
    FeeLine,
    Payee,
    Payment,
    PaymentIntent,
    Status,
)
from services.payment.domain.intents.source import Bill, Source


def intent_row(intent: PaymentIntent) -> dict[str, Any]:
    bill = intent.bill
    return {
        "id": intent.id,
        "dossier_id": intent.dossier_id,
        "dossier_code": intent.dossier_code,
        "plain_dossier_code": _plain_dossier_code(intent),
        "procedure_code": intent.procedure_code,
        "procedure_name": intent.procedure_name,
        "agency_code": intent.agency_code,
        "agency_name": intent.agency_name,
        "client_id": intent.client_id,
        "lines": [_line_to_document(line) for line in intent.lines],
        "amount_minor_units": intent.amount.minor_units,
        "currency": intent.amount.currency,
        "payee_bank_bin": intent.payee.bank_bin,
        "payee_account_number": intent.payee.account_number,
        "payee_account_name": intent.payee.account_name,
        "payer_sealed": intent.payer_sealed,
        "status": intent.status,
        "created_at": intent.created_at,
        "expires_at": intent.expires_at,
        "source": intent.source,
        "reference": bill.reference if bill else None,
        "request_fingerprint": bill.fingerprint if bill else None,
        "idempotency_key": bill.idempotency_key if bill else None,
        "bill_batch_id": bill.batch_id if bill else None,
    }


def confirmation_row(intent: PaymentIntent) -> dict[str, Any]:
    """What a confirmation adds to the row of its intent."""
    if intent.confirmation is None:
        raise ValueError("an intent is confirmed by a confirmation")
    return {
        "confirmation_id": intent.confirmation.id,
        "confirmation_evidence_id": intent.confirmation.evidence_id,
        "method": intent.confirmation.method,
        "assurance": intent.confirmation.assurance,
        "confirmed_at": intent.confirmation.confirmed_at,
        "bill_reference": intent.bill_reference,
        "qr_payload": intent.qr_payload,
    }


def method_row(intent_id: UUID, confirmation: Confirmation) -> dict[str, Any]:
    return {
        "payment_intent_id": intent_id,
        "method": confirmation.method,
        "confirmation_id": confirmation.id,
        "evidence_id": confirmation.evidence_id,
        "assurance": confirmation.assurance,
        "confirmed_at": confirmation.confirmed_at,
    }


def _plain_dossier_code(intent: PaymentIntent) -> str | None:
    of_dossier = intent.source is Source.DOSSIER and intent.dossier_code is not None
    return plain(intent.dossier_code or "") if of_dossier else None


def to_intent(row: Row[Any]) -> PaymentIntent:
    return PaymentIntent(
        id=row.id,
        dossier_id=row.dossier_id,
        dossier_code=row.dossier_code,
        procedure_code=row.procedure_code,
        procedure_name=row.procedure_name,
        agency_code=row.agency_code,
        agency_name=row.agency_name,
        client_id=row.client_id,
        lines=to_lines(row.lines, currency=row.currency),
        amount=Money(row.amount_minor_units, row.currency),
        payee=Payee(
            bank_bin=row.payee_bank_bin,
            account_number=row.payee_account_number,
            account_name=row.payee_account_name,
        ),
        payer_sealed=row.payer_sealed,
        created_at=row.created_at,
        expires_at=row.expires_at,
        status=Status(row.status),
        confirmation=_to_confirmation(row),
        bill_reference=row.bill_reference,
        qr_payload=row.qr_payload,
        payment=_to_payment(row),
        bill=_to_bill(row),
        refunded_minor_units=row.refunded_minor_units,
    )


def _to_bill(row: Row[Any]) -> Bill | None:
    if row.reference is None:
        return None
    return Bill(
        reference=row.reference,
        fingerprint=row.request_fingerprint,
        idempotency_key=row.idempotency_key,
        batch_id=row.bill_batch_id,
    )


def _to_confirmation(row: Row[Any]) -> Confirmation | None:
    if row.confirmation_id is None:
        return None
    return Confirmation(
        id=row.confirmation_id,
        evidence_id=row.confirmation_evidence_id,
        method=Method(row.method),
        # The amount that was confirmed is the intent's: no other is ever stored.
        amount=Money(row.amount_minor_units, row.currency),
        assurance=row.assurance,
        confirmed_at=row.confirmed_at,
    )


def _to_payment(row: Row[Any]) -> Payment | None:
    if row.provider_reference is None:
        return None
    return Payment(
        method=Method(row.paid_method),
        provider=row.provider,
        provider_reference=row.provider_reference,
        evidence_level=row.evidence_level,
        paid_at=row.paid_at,
    )


def _line_to_document(line: FeeLine) -> dict[str, Any]:
    return {
        "line_code": line.line_code,
        "name": line.name,
        "kind": line.kind,
        "quantity": line.quantity,
        "amount_minor_units": line.amount.minor_units,
        "legal_basis": line.legal_basis,
        "agency_code": line.agency_code,
        "agency_name": line.agency_name,
    }


def to_lines(documents: Sequence[dict[str, Any]], *, currency: str) -> tuple[FeeLine, ...]:
    return tuple(_document_to_line(one, currency) for one in documents)


def _document_to_line(line: dict[str, Any], currency: str) -> FeeLine:
    return FeeLine(
        line_code=line["line_code"],
        name=line["name"],
        kind=FeeKind(line["kind"]),
        quantity=line["quantity"],
        amount=Money(line["amount_minor_units"], currency),
        legal_basis=line["legal_basis"],
        agency_code=line.get("agency_code"),
        agency_name=line.get("agency_name"),
    )
