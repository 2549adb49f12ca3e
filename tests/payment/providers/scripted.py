"""Orders, questions and replies to try an adapter's pure functions with, without any network."""

import json
from datetime import datetime, timedelta
from typing import Any

from chassis.money import Money
from services.payment.domain.intents.method import Method
from services.payment.ports.providers import CheckoutOrder, Cheque, Question, RefundOrder
from services.payment.providers.adapter import Call, OutgoingRequest, ProviderConfig, Reply
from tests.payment.samples import FEE, NOON

SECRET = "DEVELOPERSECRETKEY00000000000000"
BILL = "LP0123456789"
URL = "https://provider.example.vn"
CALL = Call(now=NOON, request_id="0123456789abcdef")
RETURN_URL = "https://dvc.example.vn/tra-ve?id=1&x=2"


def config(
    name: str, *, facts: dict[str, str], secrets: dict[str, str] | None = None
) -> ProviderConfig:
    return ProviderConfig(
        name=name,
        client_id=name,
        url=URL,
        notify_url=f"https://cong.example.vn/v1/provider-notifications/{name}",
        facts=facts,
        secrets=secrets or {},
    )


def an_order(order_reference: str, method: Method, **changes: Any) -> CheckoutOrder:
    facts: dict[str, Any] = {
        "order_reference": order_reference,
        "bill_reference": BILL,
        "amount": FEE,
        "description": f"Nop le phi ho so {BILL}",
        "method": method,
        "bank_code": None,
        "language": "vi",
        "client_ip": "203.0.113.9",
        "return_url": RETURN_URL,
        "started_at": NOON,
        "expires_at": NOON + timedelta(minutes=15),
    }
    if method is Method.E_CHEQUE:
        facts["cheque"] = Cheque(number="AB1234567", drawee_bank_bin="970436")
    return CheckoutOrder(**facts | changes)


def a_question(order_reference: str | None) -> Question:
    return Question(
        order_reference=order_reference,
        provider_reference=None,
        bill_reference=BILL,
        account_number=None,
        amount=FEE,
        since=NOON,
    )


def a_refund(order_reference: str, provider_reference: str, **changes: Any) -> RefundOrder:
    facts: dict[str, Any] = {
        "refund_reference": "RF01",
        "order_reference": order_reference,
        "provider_reference": provider_reference,
        "paid": FEE,
        "amount": Money(50_000),
        "description": "Hoan le phi",
        "paid_at": NOON,
        "ordered_by": "officer-1",
        "ordered_at": NOON + timedelta(days=1),
    }
    return RefundOrder(**facts | changes)


def a_reply(said: Any, *, status: int = 200, at: datetime = NOON) -> Reply:
    body = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
    return Reply(
        request=OutgoingRequest(method="POST", url=f"{URL}/asked"),
        status=status,
        headers={},
        body=body,
        received_at=at,
    )


def said_in(request: OutgoingRequest) -> Any:
    return json.loads(request.body)
