"""What we would send to a provider, signed and not sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from chassis.money import Money
from deploy.notices.sample import Needed, Unusable
from services.payment.domain.intents.method import Method
from services.payment.ports.providers import CheckoutOrder, Question, RefundOrder
from services.payment.providers import ADAPTERS, SANDBOX_CLIENT_ID
from services.payment.providers.adapter import (
    Adapter,
    Call,
    OutgoingRequest,
    ProviderConfig,
    UnusableReply,
)
from services.payment.providers.national import bill_request

# Where each lets partners try things out, as it has published.
ADDRESSES: Final[Mapping[str, str]] = {
    "vnpay": "https://sandbox.vnpayment.vn",
    "vnptpay": "https://api-gw-dev.vnptmoney.com.vn/rest/payment/v1.0.6",
    "momo": "https://test-payment.momo.vn",
    "zalopay": "https://sb-openapi.zalopay.vn",
    "payos": "https://api-merchant.payos.vn",
    "sepay": "https://my.sepay.vn",
    "casso": "https://oauth.casso.vn",
    "vietqr": "https://dev.vietqr.org",
}
ORDER_LASTS: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    reference: str
    amount: int
    at: datetime
    request_id: str
    method: Method | None = None
    bank_code: str | None = None
    language: Literal["vi", "en"] = "vi"
    provider_reference: str = ""
    paid: int | None = None
    url: str = ""
    keys_dir: Path = Path("var/keys")
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    facts: Mapping[str, str] = field(default_factory=dict)


def preview(provider: str, action: str, wanted: Preview) -> OutgoingRequest:
    """Raises Unusable."""
    if provider not in ADAPTERS:
        raise Unusable(f"there is no provider {provider}; there are {', '.join(sorted(ADAPTERS))}")
    config = ProviderConfig(
        name=provider,
        client_id=SANDBOX_CLIENT_ID if provider == "bank" else provider,
        url=(wanted.url or ADDRESSES.get(provider, f"https://{provider}.example.vn")).rstrip("/"),
        notify_url=f"https://lephi.example.vn/v1/provider-notifications/{provider}",
        facts=Needed("fact", wanted.facts),
        secrets=Needed("secret", wanted.secrets),
    )
    try:
        if (provider, action) in MORE:
            return MORE[provider, action](config, wanted)
        adapter = ADAPTERS[provider](config, wanted.keys_dir)
        return ACTIONS[action](adapter, wanted)
    except UnusableReply as error:
        raise Unusable(f"{provider}: {error}") from error
    except FileNotFoundError as error:
        raise Unusable(f"there is no {error.filename}") from error


def _pay(adapter: Adapter, wanted: Preview) -> OutgoingRequest:
    if adapter.checkout is None:
        raise Unusable(f"{adapter.name} is told of no order beforehand")
    method = wanted.method or min(adapter.methods)
    if method not in adapter.methods:
        raise Unusable(f"{adapter.name} takes {', '.join(sorted(adapter.methods))}")
    order = CheckoutOrder(
        order_reference=wanted.reference,
        bill_reference=wanted.reference,
        amount=Money(wanted.amount),
        description=f"Nop phi {wanted.reference}",
        method=method,
        bank_code=wanted.bank_code,
        language=wanted.language,
        client_ip="127.0.0.1",
        return_url="https://lephi.example.vn/tra-ve",
        started_at=wanted.at,
        expires_at=wanted.at + ORDER_LASTS,
    )
    return adapter.checkout.request(order, _call(wanted))


def _enquiry(adapter: Adapter, wanted: Preview) -> OutgoingRequest:
    if adapter.enquiry is None:
        raise Unusable(f"{adapter.name} cannot be asked")
    question = Question(
        order_reference=wanted.reference,
        provider_reference=wanted.provider_reference or None,
        bill_reference=wanted.reference,
        account_number=wanted.facts.get("account_number"),
        amount=Money(wanted.amount),
        since=wanted.at,
    )
    return adapter.enquiry.request(question, _call(wanted))


def _refund(adapter: Adapter, wanted: Preview) -> OutgoingRequest:
    if adapter.refund is None:
        raise Unusable(f"{adapter.name} takes no order to pay back")
    order = RefundOrder(
        refund_reference=wanted.request_id,
        order_reference=wanted.reference,
        provider_reference=wanted.provider_reference or "0",
        paid=Money(wanted.paid or wanted.amount),
        amount=Money(wanted.amount),
        description=f"Hoan phi {wanted.reference}",
        paid_at=wanted.at,
        ordered_by="lephi",
        ordered_at=wanted.at,
    )
    return adapter.refund.request(order, _call(wanted))


def _bill(config: ProviderConfig, wanted: Preview) -> OutgoingRequest:
    return bill_request(config, wanted.reference, wanted.at)


def _call(wanted: Preview) -> Call:
    return Call(now=wanted.at, request_id=wanted.request_id)


ACTIONS: Final[Mapping[str, Callable[[Adapter, Preview], OutgoingRequest]]] = {
    "pay": _pay,
    "enquiry": _enquiry,
    "refund": _refund,
}
# What one provider alone is asked for.
MORE: Final[Mapping[tuple[str, str], Callable[[ProviderConfig, Preview], OutgoingRequest]]] = {
    ("national", "bill"): _bill,
}
