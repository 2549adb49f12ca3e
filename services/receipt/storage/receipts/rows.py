"""Between rows and the domain. Documents inside a row are plain JSON, readable by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from chassis.money import Money
from services.receipt.domain.receipts.fee import (
    CollectingBody,
    Delegate,
    FeeLine,
    Kind,
    PaidFee,
    lines_of,
)
from services.receipt.domain.receipts.receipt import CorrectedReceipt, Receipt, Status
from services.receipt.domain.receipts.refund_note import Refunded
from services.receipt.domain.receipts.standing import Corrected, ReceiptType
from services.receipt.domain.series.series import ReceiptNumber, ReceiptRule, ReceiptSeries


def fee_row(fee: PaidFee) -> dict[str, Any]:
    return {
        "payment_intent_id": fee.payment_intent_id,
        "dossier_id": fee.dossier_id,
        "dossier_code": fee.dossier_code,
        "reference": fee.reference,
        "procedure_code": fee.procedure_code,
        "procedure_name": fee.procedure_name,
        "agency_code": fee.agency_code,
        "client_id": fee.client_id,
        "amount_minor_units": fee.amount.minor_units,
        "currency": fee.amount.currency,
        "method": fee.method,
        "provider": fee.provider,
        "provider_reference": fee.provider_reference,
        "paid_at": fee.paid_at,
        "lines": [line_document(line) for line in fee.lines],
        "payer_sealed": fee.payer_sealed,
    }


def receipt_row(receipt: Receipt) -> dict[str, Any]:
    series, original = receipt.number.series, receipt.type is ReceiptType.ORIGINAL
    return {
        "id": receipt.id,
        "payment_intent_id": receipt.fee.payment_intent_id,
        "kind": receipt.kind.value,
        "part": receipt.part,
        "parts": receipt.parts,
        "agency_code": series.agency_code,
        "form_code": series.form_code,
        "symbol": series.symbol,
        "number": receipt.number.number,
        "amount_minor_units": receipt.amount.minor_units,
        "currency": receipt.amount.currency,
        "collecting_body": _body_document(receipt.collecting_body),
        "rule": _rule_document(receipt.rule),
        "lookup_code": receipt.lookup_code,
        "status": receipt.status.value,
        "numbered_at": receipt.numbered_at,
        "issued_at": receipt.issued_at,
        "xml_sha256": receipt.xml_sha256,
        "issuer": receipt.issuer,
        "type": receipt.type.value,
        "corrects_id": receipt.corrects_id,
        "corrects": _corrects_document(receipt.corrects),
        "corrected": receipt.corrected.value if receipt.corrected else None,
        "lines": None if original else [line_document(line) for line in receipt.lines],
        "payer_sealed": receipt.own_payer_sealed,
    }


def to_receipt(row: RowMapping) -> Receipt:
    """From a receipt's row joined with its fee's."""
    fee = to_fee(row)
    rule = _to_rule(row["rule"])
    kind = Kind(row["kind"])
    series = ReceiptSeries(
        agency_code=row["agency_code"], form_code=row["form_code"], symbol=row["symbol"]
    )
    return Receipt(
        id=row["id"],
        number=ReceiptNumber(series=series, number=row["number"], width=rule.number_width),
        kind=kind,
        lines=_lines_of_receipt(row, fee, kind),
        fee=fee,
        collecting_body=_to_body(row["collecting_body"]),
        rule=rule,
        lookup_code=row["lookup_code"],
        part=row["part"],
        parts=row["parts"],
        numbered_at=row["numbered_at"],
        status=Status(row["status"]),
        issued_at=row["issued_at"],
        xml_sha256=row["xml_sha256"],
        issuer=row["issuer"],
        refunded=_to_refunded(row),
        type=ReceiptType(row["type"]),
        corrects=_to_corrects(row["corrects_id"], row["corrects"]),
        corrected=Corrected(row["corrected"]) if row["corrected"] else None,
        own_payer_sealed=row["own_payer_sealed"],
    )


def _corrects_document(corrects: CorrectedReceipt | None) -> dict[str, Any] | None:
    if corrects is None:
        return None
    return {
        "form_code": corrects.form_code,
        "symbol": corrects.symbol,
        "printed_number": corrects.printed_number,
        "on": corrects.on.isoformat(),
    }


def _to_corrects(
    receipt_id: UUID | None, document: Mapping[str, Any] | None
) -> CorrectedReceipt | None:
    if receipt_id is None or document is None:
        return None
    return CorrectedReceipt(
        id=receipt_id,
        form_code=document["form_code"],
        symbol=document["symbol"],
        printed_number=document["printed_number"],
        on=date.fromisoformat(document["on"]),
    )


def _lines_of_receipt(row: RowMapping, fee: PaidFee, kind: Kind) -> Sequence[FeeLine]:
    if row["own_lines"] is None:
        return lines_of(fee.lines, agency_code=row["agency_code"], kind=kind)
    return to_lines(row["own_lines"], agency_code=row["agency_code"])


def _to_refunded(row: RowMapping) -> Refunded | None:
    if row["refunded_minor_units"] is None:
        return None
    amount = Money(int(row["refunded_minor_units"]), row["currency"])
    return Refunded(amount=amount, at=row["refunded_at"])


def to_fee(row: RowMapping) -> PaidFee:
    return PaidFee(
        payment_intent_id=row["payment_intent_id"],
        dossier_id=row["dossier_id"],
        dossier_code=row["dossier_code"],
        reference=row["reference"],
        procedure_code=row["procedure_code"],
        procedure_name=row["procedure_name"],
        agency_code=row["fee_agency_code"],
        client_id=row["client_id"],
        amount=Money(row["fee_amount_minor_units"], row["currency"]),
        method=row["method"],
        provider=row["provider"],
        provider_reference=row["provider_reference"],
        paid_at=row["paid_at"],
        lines=to_lines(row["lines"], agency_code=row["fee_agency_code"]),
        payer_sealed=row["payer_sealed"],
    )


def line_document(line: FeeLine) -> dict[str, Any]:
    return {
        "line_code": line.line_code,
        "name": line.name,
        "kind": line.kind,
        "quantity": line.quantity,
        "amount_minor_units": line.amount.minor_units,
        "currency": line.amount.currency,
        "legal_basis": line.legal_basis,
        "agency_code": line.agency_code,
    }


def to_lines(documents: Sequence[Mapping[str, Any]], *, agency_code: str) -> tuple[FeeLine, ...]:
    return tuple(
        FeeLine(
            line_code=one["line_code"],
            name=one["name"],
            kind=one["kind"],
            quantity=one["quantity"],
            amount=Money(one["amount_minor_units"], one["currency"]),
            legal_basis=one["legal_basis"],
            agency_code=one.get("agency_code") or agency_code,
        )
        for one in documents
    )


def _body_document(body: CollectingBody) -> dict[str, Any]:
    return {
        "agency_code": body.agency_code,
        "name": body.name,
        "address": body.address,
        "tax_code": body.tax_code,
        "phone": body.phone,
        "valid_from": body.valid_from.isoformat(),
        "valid_to": body.valid_to.isoformat() if body.valid_to else None,
        "delegate": asdict(body.delegate) if body.delegate else None,
    }


def _to_body(document: Mapping[str, Any]) -> CollectingBody:
    return CollectingBody(
        agency_code=document["agency_code"],
        name=document["name"],
        address=document["address"],
        tax_code=document["tax_code"],
        phone=document["phone"],
        valid_from=date.fromisoformat(document["valid_from"]),
        valid_to=_to_day(document["valid_to"]),
        # Receipts that were numbered before anybody could delegate have no such word.
        delegate=Delegate(**delegate) if (delegate := document.get("delegate")) else None,
    )


def _rule_document(rule: ReceiptRule) -> dict[str, Any]:
    return {
        "valid_from": rule.valid_from.isoformat(),
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
        "title": rule.title,
        "form_code": rule.form_code,
        "symbol_letters": rule.symbol_letters,
        "number_width": rule.number_width,
        "legal_basis": rule.legal_basis,
    }


def _to_rule(document: Mapping[str, Any]) -> ReceiptRule:
    return ReceiptRule(
        valid_from=date.fromisoformat(document["valid_from"]),
        valid_to=_to_day(document["valid_to"]),
        title=document["title"],
        form_code=document["form_code"],
        symbol_letters=document["symbol_letters"],
        number_width=document["number_width"],
        legal_basis=document["legal_basis"],
    )


def _to_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
