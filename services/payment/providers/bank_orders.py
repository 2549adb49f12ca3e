"""What a partner bank does for us when told: an account for one fee, and money paid back.

Signed both ways (RFC 9421): our order by the platform's key for outgoing requests, the bank's
answer by its own, over the very order that it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from chassis.canonical import canonical_json, load_json
from chassis.errors import Malformed
from chassis.keys import PrivateKey, PublicKey, thumbprint
from chassis.message_signatures import (
    FEE_REQUEST,
    READ,
    BadSignature,
    RequestSigner,
    verify_response,
)
from services.payment.ports.providers import (
    Checkout,
    CheckoutOrder,
    RefundAnswer,
    RefundOrder,
    RefundOutcome,
)
from services.payment.providers.adapter import (
    SIGNED_MESSAGE,
    Call,
    OutgoingRequest,
    ProviderConfig,
    RefusedByProvider,
    Reply,
    UnusableReply,
)

PROOF_HEADERS: Final = ("signature-input", "signature", "content-digest", "content-type")
CLIENT_ID: Final = "lephi"
# Our signature is good for a minute: an order that the bank does not know by then never comes.
NEVER_COMES_AFTER: Final = timedelta(minutes=5)
REFUSED: Final = frozenset({409, 422})
Said = TypeVar("Said", bound=BaseModel)
Account = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,50}$")]
Reason = Annotated[str | None, Field(max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankKeys:
    """`own` is the platform's; without it the bank is heard and asked, and takes no orders."""

    bank: PublicKey
    own: PrivateKey | None = field(default=None, repr=False)


class MadeAccount(BaseModel):
    order_reference: str
    alias_account: Account


class Refusal(BaseModel):
    code: Annotated[str, Field(max_length=100)]


class Refunded(BaseModel):
    """`unknown`: the bank has no such order. It says so of one that has not arrived yet as well."""

    model_config = ConfigDict(extra="ignore")

    refund_reference: str
    status: Literal["succeeded", "pending", "refused", "unknown"]
    amount: Annotated[StrictInt | None, Field(gt=0)] = None
    currency: str = "VND"
    provider_reference: Annotated[str | None, Field(max_length=100)] = None
    failure: Reason = None


@dataclass(frozen=True, slots=True)
class _Moment:
    """Clock and numbers of a signature, from the call that it is written for."""

    call: Call

    def now(self) -> datetime:
        return self.call.now

    def new(self) -> UUID:
        return UUID(hex=self.call.request_id)

    def token(self, size_bytes: int = 16) -> str:
        return self.call.request_id


def signed_order(
    keys: BankKeys, url: str, body: Mapping[str, Any], *, key: str, call: Call
) -> OutgoingRequest:
    """`key` makes a repeat the same order."""
    raw = canonical_json(dict(body))
    headers = _signer(keys, call).headers(
        "POST", url, raw, shape=FEE_REQUEST, extra={"idempotency-key": key}
    )
    return OutgoingRequest(method="POST", url=url, headers=headers, body=raw)


def signed_question(keys: BankKeys, url: str, call: Call) -> OutgoingRequest:
    headers = _signer(keys, call).headers("GET", url, shape=READ) if keys.own else {}
    return OutgoingRequest(method="GET", url=url, headers=headers)


def checkout_request(
    config: ProviderConfig, keys: BankKeys, order: CheckoutOrder, call: Call
) -> OutgoingRequest:
    said: dict[str, Any] = {
        "order_reference": order.order_reference,
        "bill_number": order.bill_reference,
        "amount": order.amount.minor_units,
        "currency": order.amount.currency,
        "expires_at": order.expires_at.isoformat(),
    }
    if order.subject is not None:
        payee = order.subject.payee
        said |= {"bank_bin": payee.bank_bin, "account_number": payee.account_number}
    return signed_order(
        keys, f"{config.url}/alias-accounts", said, key=order.order_reference, call=call
    )


def read_checkout(keys: BankKeys, order: CheckoutOrder, reply: Reply) -> Checkout:
    if reply.status in REFUSED:
        raise RefusedByProvider(read_signed(Refusal, keys, reply).code)
    made = read_signed(MadeAccount, keys, reply)
    if made.order_reference != order.order_reference:
        raise UnusableReply("about another order")
    return Checkout(alias_account=made.alias_account)


def refund_request(
    config: ProviderConfig, keys: BankKeys, order: RefundOrder, call: Call
) -> OutgoingRequest:
    said: dict[str, Any] = {
        "refund_reference": order.refund_reference,
        "provider_reference": order.provider_reference,
        "amount": order.amount.minor_units,
        "currency": order.amount.currency,
        "description": order.description,
    }
    if order.account is not None:
        said["account"] = {
            "bank_bin": order.account.bank_bin,
            "account_number": order.account.account_number,
            "account_name": order.account.account_name,
        }
    return signed_order(keys, f"{config.url}/refunds", said, key=order.refund_reference, call=call)


def refund_question(
    config: ProviderConfig, keys: BankKeys, order: RefundOrder, call: Call
) -> OutgoingRequest:
    name = quote(order.refund_reference, safe="")
    return signed_question(keys, f"{config.url}/refunds/{name}", call)


def read_refund(keys: BankKeys, order: RefundOrder, reply: Reply) -> RefundAnswer:
    said = read_signed(Refunded, keys, reply)
    if said.refund_reference != order.refund_reference:
        raise UnusableReply("about another refund")
    if said.status == "unknown":
        if reply.received_at - order.ordered_at < NEVER_COMES_AFTER:
            raise UnusableReply("not there yet, or never")
        return _answer(RefundOutcome.FAILED, said, reply, failure="never_received")
    if said.status == "refused":
        return _answer(RefundOutcome.FAILED, said, reply, failure=said.failure or "refused")
    if (said.amount, said.currency) != (order.amount.minor_units, order.amount.currency):
        raise UnusableReply("another amount")
    outcome = RefundOutcome.PENDING if said.status == "pending" else RefundOutcome.SUCCEEDED
    return _answer(outcome, said, reply)


def read_signed(form: type[Said], keys: BankKeys, reply: Reply) -> Said:
    """The bank's own word to this very request, or UnusableReply."""
    if reply.status not in (httpx.codes.OK, httpx.codes.CREATED, *REFUSED):
        raise UnusableReply(str(reply.status))
    try:
        verify_response(
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            method=reply.request.method,
            url=reply.request.url,
            key_id=thumbprint(keys.bank),
            key=keys.bank,
            now=reply.received_at,
            request_headers=list(reply.request.headers.items()),
        )
        return form.model_validate(load_json(reply.body, limit_bytes=len(reply.body)))
    except (BadSignature, Malformed, ValidationError) as error:
        raise UnusableReply(type(error).__name__) from error


def proof_of(reply: Reply) -> Mapping[str, str]:
    proof = {name: reply.headers[name] for name in PROOF_HEADERS if name in reply.headers}
    return {"url": reply.request.url, **proof}


def _answer(
    outcome: RefundOutcome, said: Refunded, reply: Reply, *, failure: str | None = None
) -> RefundAnswer:
    return RefundAnswer(
        outcome=outcome,
        provider_reference=said.provider_reference,
        failure=failure,
        raw=reply.body,
        proof=proof_of(reply),
        evidence_level=SIGNED_MESSAGE,
    )


def _signer(keys: BankKeys, call: Call) -> RequestSigner:
    if keys.own is None:
        raise UnusableReply("there is no key to sign orders with")
    moment = _Moment(call)
    return RequestSigner(
        CLIENT_ID, thumbprint(keys.own.public_key()), keys.own, clock=moment, ids=moment
    )
