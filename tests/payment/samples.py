"""Sample facts that several tests of the payment service share."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from chassis.canonical import canonical_json
from chassis.ids import SystemIds
from chassis.money import Money
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import (
    Confirmation,
    FeeKind,
    FeeLine,
    Payee,
    PaymentIntent,
)

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
PAYEE = Payee(bank_bin="970436", account_number="0011004000111", account_name="Sở Tư pháp Đồng Nai")
FEE = Money(150_000)
LINES = (
    FeeLine(
        line_code="LLTP-01",
        name="Phí cung cấp thông tin lý lịch tư pháp",
        kind=FeeKind.PHI,
        quantity=1,
        amount=Money(100_000),
        legal_basis="TT 16/2025/TT-BTC",
    ),
    FeeLine(
        line_code="HT-02",
        name="Lệ phí hộ tịch",
        kind=FeeKind.LE_PHI,
        quantity=2,
        amount=Money(50_000),
        legal_basis="NQ 10/2025/NQ-HĐND",
    ),
)
_IDS = SystemIds()
_NUMBERS = count(1)


def new_id() -> UUID:
    return _IDS.new()


def an_intent(**changes: Any) -> PaymentIntent:
    """A fee that waits for confirmation; each call is another fee of another dossier."""
    facts: dict[str, Any] = {
        "id": new_id(),
        "dossier_id": new_id(),
        "dossier_code": f"H19.25-261123-{next(_NUMBERS):05d}",
        "procedure_code": "2.000488",
        "procedure_name": "Cấp phiếu lý lịch tư pháp",
        "agency_code": "H19.25",
        "agency_name": "Sở Tư pháp",
        "client_id": "portal-demo",
        "lines": LINES,
        "amount": FEE,
        "payee": PAYEE,
        "payer_sealed": "s1.2026.bm9uY2U.c2VhbGVk",
        "created_at": NOON,
        "expires_at": NOON + timedelta(hours=24),
    }
    return PaymentIntent(**facts | changes)


def a_confirmation(**changes: Any) -> Confirmation:
    facts: dict[str, Any] = {
        "id": new_id(),
        "evidence_id": str(new_id()),
        "method": Method.VIETQR,
        "amount": FEE,
        "assurance": "password+totp+device-key",
        "confirmed_at": NOON,
    }
    return Confirmation(**facts | changes)


def notice_facts(bill_number: str | None, **changes: Any) -> dict[str, Any]:
    """The body of the sandbox bank's notice, as it says it."""
    return {
        "notice_id": str(new_id()),
        "provider_reference": f"FT{new_id().hex.upper()}",
        "bill_number": bill_number,
        "purpose": bill_number,
        "bank_bin": PAYEE.bank_bin,
        "account_number": PAYEE.account_number,
        "amount": FEE.minor_units,
        "currency": "VND",
        "outcome": "succeeded",
        "paid_at": "2026-11-23T12:01:00.000+07:00",
        **changes,
    }


def notice_bytes(facts: Mapping[str, Any]) -> bytes:
    return canonical_json(dict(facts))
