"""Payment providers, as the use cases see them: whoever they are, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from chassis.money import Money
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import FeeKind, Payee
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    Verdict,
)


class Capability(StrEnum):
    NOTIFIES = "notifies"
    ANSWERS_ENQUIRIES = "answers_enquiries"
    CHECKS_OUT = "checks_out"
    REFUNDS = "refunds"
    REFUNDS_TO_ACCOUNTS = "refunds_to_accounts"
    ANSWERS_REFUND_ENQUIRIES = "answers_refund_enquiries"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeed:
    """What a provider's name for one attempt is made of; `number` counts an intent's attempts."""

    bill_reference: str
    number: int
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    kind: FeeKind
    code: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSubject:
    """What is paid for, and to whom, for a provider that writes it down; nothing of the payer."""

    dossier_code: str
    procedure_code: str
    procedure_name: str
    agency_code: str
    agency_name: str
    payee: Payee


@dataclass(frozen=True, slots=True, kw_only=True)
class Cheque:
    """An electronic cheque as its drawer handed it over; who the drawer is says the bank."""

    number: str
    drawee_bank_bin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutOrder:
    """One attempt as its provider is told of it.

    `description` is plain ASCII of at most 100 characters; `client_ip` the payer's address;
    `lines` and `subject` are for the few providers that ask what is paid for.
    """

    order_reference: str
    bill_reference: str
    amount: Money
    description: str
    method: Method
    bank_code: str | None
    language: Literal["vi", "en"]
    client_ip: str
    return_url: str
    started_at: datetime
    expires_at: datetime
    lines: tuple[OrderLine, ...] = ()
    subject: OrderSubject | None = None
    cheque: Cheque | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """Where the payer goes on: a page of the provider, or an account that takes this fee alone."""

    pay_url: str | None = None
    alias_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What became of one attempt, or of one notice. Each provider asks by what it knows.

    `since`: when the attempt began, or the money was said to have moved.
    """

    order_reference: str | None
    provider_reference: str | None
    bill_reference: str | None
    account_number: str | None
    amount: Money | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryAnswer:
    """What a provider says when asked. UNKNOWN: it gave no usable answer, so nothing is known.

    FAILED is a positive word: the provider knows of no money under the reference.
    """

    outcome: Outcome
    notices: tuple[ProviderNotice, ...] = ()
    raw: bytes = field(default=b"", repr=False)
    proof: Mapping[str, str] | None = None
    evidence_level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAccount:
    """Where a refund goes that cannot go back the way the money came."""

    bank_bin: str
    account_number: str = field(repr=False)
    account_name: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """`refund_reference` is our name for this refund, at most 32 letters and digits: asking twice
    with it is one refund. `paid` is what the payment brought, `amount` what goes back of it."""

    refund_reference: str
    order_reference: str | None
    provider_reference: str
    paid: Money
    amount: Money
    description: str
    paid_at: datetime
    ordered_by: str
    ordered_at: datetime
    account: RefundAccount | None = None


class RefundOutcome(StrEnum):
    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAnswer:
    """FAILED is the provider's positive word that nothing was or will be paid back."""

    outcome: RefundOutcome
    provider_reference: str | None = None
    failure: str | None = None
    raw: bytes = field(default=b"", repr=False)
    proof: Mapping[str, str] | None = None
    evidence_level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """The answer to a notice in the form that its provider waits for."""

    body: bytes
    media_type: str = "application/json"
    status: int = 200


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def client_id(self) -> str:
        """The registered caller whose notices are this provider's."""

    @property
    def capabilities(self) -> frozenset[Capability]: ...

    @property
    def methods(self) -> frozenset[Method]: ...

    @property
    def settling_evidence_levels(self) -> frozenset[str]:
        """How a notice must be proved to settle at once; never by a weak level."""

    def parse_notification(self, raw: bytes) -> ProviderNotice:
        """Raises UnreadableNotice. The caller's identity was proved before."""

    def answer(self, raw: bytes, verdict: Verdict) -> ProviderAnswer | None:
        """None: it reads our own form."""

    def order_reference(self, seed: OrderSeed) -> str:
        """How the provider will know an attempt: at most 50 printable ASCII characters."""

    async def start_checkout(self, order: CheckoutOrder) -> Checkout:
        """Raises ProviderUnavailable: it refused, or gave no usable answer."""

    async def enquire(self, question: Question) -> EnquiryAnswer:
        """Never raises for what the network does: no answer is UNKNOWN."""

    async def refund(self, order: RefundOrder) -> RefundAnswer:
        """Never raises for what the network does: no answer is UNKNOWN."""

    async def enquire_refund(self, order: RefundOrder) -> RefundAnswer:
        """What became of a refund. UNKNOWN where the provider cannot be asked."""
