"""The same few facts for every test of this service."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis.money import Money
from chassis.sealing import Sealer
from services.notification.domain.events import HeardEvent
from services.notification.domain.message import (
    PAYER_PURPOSE,
    RECIPIENT_PURPOSE,
    Message,
    ReceiptFacts,
)
from services.notification.domain.request_key import RequestKey
from services.notification.domain.webhook_endpoint import WebhookEndpoint
from services.notification.use_cases.tell_of_receipt import IssuedReceipt

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
CLIENT = "portal-demo"
PAYER_NAME = "Nguyễn Thị Ánh Tuyết"
PAYER_ADDRESS = "tuyet.nguyen@example.vn"
PAYER_ID = "079190001234"
SEALER = Sealer({"test": bytes(range(32))}, "test")

RECEIPT_ID = UUID("0199c0de-0000-7000-8000-0000000000aa")
FACTS = ReceiptFacts(
    receipt_id=RECEIPT_ID,
    dossier_code="H19.25-261123-0001",
    form_code="01BLP0-001",
    symbol="AA-26E",
    number=1,
    printed_number="0000001",
    amount=Money(150_000),
    issued_at=NOON,
    lookup_code="K7PXM2Q9RT",
    part=1,
    parts=1,
)


def payer_sealed(email: str | None = PAYER_ADDRESS, name: str = PAYER_NAME) -> str:
    payer = {
        "full_name": name,
        "identity_number": PAYER_ID,
        "address": "12 Đường 30/4, Biên Hòa",
        "email": email,
        "phone": "0901234567",
    }
    return SEALER.seal(payer, purpose=PAYER_PURPOSE)


def heard_event(number: int = 1, *, client_id: str | None = CLIENT) -> HeardEvent:
    return HeardEvent(
        id=UUID(int=0x0199_E7E7_0000_7000_8000 << 48 | number),
        type="receipt.issued.v1",
        time=NOON,
        client_id=client_id,
        data={"receipt_id": str(RECEIPT_ID), "client_id": client_id, "number": number},
    )


def issued_receipt(number: int = 1, *, sealed: str | None = None) -> IssuedReceipt:
    return IssuedReceipt(
        event=heard_event(number), facts=FACTS, payer_sealed=sealed or payer_sealed()
    )


def request_key(key: str = "key-00001", fingerprint: str = "f" * 64) -> RequestKey:
    return RequestKey(client_id=CLIENT, key=key, fingerprint=fingerprint)


def endpoint(
    number: int = 1,
    *,
    url: str = "https://portal.example.vn/hooks",
    event_types: tuple[str, ...] = ("receipt.issued.v1",),
) -> WebhookEndpoint:
    return WebhookEndpoint(
        id=UUID(int=0x0199_EEEE_0000_7000_8000 << 48 | number),
        client_id=CLIENT,
        url=url,
        event_types=event_types,
        created_at=NOON,
        request=request_key(f"endpoint-{number:04d}"),
    )


# Sealed once: every sealing has other bytes.
RECIPIENT_SEALED = SEALER.seal(
    {"email": PAYER_ADDRESS, "full_name": PAYER_NAME}, purpose=RECIPIENT_PURPOSE
)


def message(number: int = 1) -> Message:
    return Message.about_receipt(
        FACTS,
        id=UUID(int=0x0199_0E55_0000_7000_8000 << 48 | number),
        recipient_sealed=RECIPIENT_SEALED,
        at=NOON,
    )


def receipt_issued_data(**changes: Any) -> dict[str, Any]:
    return {
        "receipt_id": str(RECEIPT_ID),
        "payment_intent_id": "0199c0de-0000-7000-8000-0000000000bb",
        "dossier_id": "0199c0de-0000-7000-8000-0000000000cc",
        "dossier_code": "H19.25-261123-0001",
        "reference": None,
        "client_id": CLIENT,
        "agency_code": "H19.25",
        "kind": "le_phi",
        "form_code": "01BLP0-001",
        "symbol": "AA-26E",
        "number": 1,
        "printed_number": "0000001",
        "amount_minor_units": 150_000,
        "currency": "VND",
        "issued_at": "2026-11-23T05:00:00Z",
        "xml_sha256": "ab" * 32,
        "lookup_code": "K7PXM2Q9RT",
        "part": 1,
        "parts": 1,
        "payer_sealed": payer_sealed(),
    } | changes
