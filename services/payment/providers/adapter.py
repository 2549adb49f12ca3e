"""What an adapter of a provider is made of: pure functions that write requests and read replies.

Nothing here sends anything, so an adapter can be shown and tried without a network; `wire.py`
carries the requests. Adding a provider is one file of such functions, and one line in the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import ProviderNotice, Verdict
from services.payment.ports.providers import (
    Checkout,
    CheckoutOrder,
    EnquiryAnswer,
    OrderSeed,
    ProviderAnswer,
    Question,
    RefundAnswer,
    RefundOrder,
)

# Proved by an HTTP message signature (RFC 9421) with the provider's registered key.
SIGNED_MESSAGE: Final = "P1"
# Proved by a JWS over the body with a registered key.
SIGNED_BODY: Final = "P2"
# Proved by a secret that both sides hold.
HELD_BY_BOTH: Final = "P3"


class UnusableReply(Exception):
    """A reply that is not the provider's own, or says nothing about what was asked: not knowing."""


class RefusedByProvider(Exception):
    """The provider's positive, authentic refusal to take an order."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """What an operator has written down about a provider.

    `url` is where the provider's API begins, without a slash at the end; `facts` are merchant
    names and the like; `notify_url` is where it sends its notices to.
    """

    name: str
    client_id: str
    url: str
    notify_url: str
    facts: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRequest:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`request` is what was sent, for replies whose signature covers it."""

    request: OutgoingRequest
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """When a request is written, and a name for it that no other request has."""

    now: datetime
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutWay:
    """`read` None: the payer's own browser makes the request, and nothing is asked beforehand.

    `read` raises RefusedByProvider or UnusableReply.
    """

    order_reference: Callable[[OrderSeed], str]
    request: Callable[[CheckoutOrder, Call], OutgoingRequest]
    read: Callable[[CheckoutOrder, Reply], Checkout] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryWay:
    """`read` raises UnusableReply."""

    request: Callable[[Question, Call], OutgoingRequest]
    read: Callable[[Question, Reply], EnquiryAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWay:
    """`enquiry` and `read_enquiry` come together; without them a refund is not asked about.

    `to_accounts`: it also pays back to an account that the order names.
    """

    request: Callable[[RefundOrder, Call], OutgoingRequest]
    read: Callable[[RefundOrder, Reply], RefundAnswer]
    enquiry: Callable[[RefundOrder, Call], OutgoingRequest] | None = None
    read_enquiry: Callable[[RefundOrder, Reply], RefundAnswer] | None = None
    to_accounts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a token is fetched, of a provider that takes every request with a fresh one.

    `read` raises UnusableReply.
    """

    request: Callable[[Call], OutgoingRequest]
    read: Callable[[Reply], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """`answer` None: the provider reads our own form of an answer.

    `needs` names the facts and secrets of the config without which it could read notices alone.
    """

    name: str
    client_id: str
    methods: frozenset[Method]
    settling_evidence_levels: frozenset[str] = frozenset()
    read_notice: Callable[[bytes], ProviderNotice] | None = None
    answer: Callable[[bytes, Verdict], ProviderAnswer] | None = None
    checkout: CheckoutWay | None = None
    enquiry: EnquiryWay | None = None
    refund: RefundWay | None = None
    sign_in: SignIn | None = None
    needs: frozenset[str] = frozenset()
