"""ZaloPay v2: a wallet, and domestic and international cards on its page.

Seen in public: create, query, refund and refund query with the fields that their `mac` covers
(the order's in many implementations, the others in the open SDK), the callback with its text of
`data`, and `return_code` 1, 2, 3 for done, refused, under way. [K], not verified against ZaloPay
itself: the answer to a callback (1 heard, 2 a repeat, else said again), `bank_code` CC and the
bank group ATM, and which sub codes tell of our request rather than of the money.

ZaloPay signs its callback and none of its answers. An answer counts because we asked at an address
of our choosing over TLS; it does not name the order again.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from pydantic import Field, StrictInt

from chassis.clock import VIETNAM
from chassis.money import Money
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    Reception,
    Verdict,
)
from services.payment.ports.providers import (
    Checkout,
    CheckoutOrder,
    EnquiryAnswer,
    OrderSeed,
    ProviderAnswer,
    Question,
    RefundAnswer,
    RefundOrder,
    RefundOutcome,
)
from services.payment.providers.adapter import (
    HELD_BY_BOTH,
    Adapter,
    Call,
    CheckoutWay,
    EnquiryWay,
    OutgoingRequest,
    ProviderConfig,
    RefundWay,
    RefusedByProvider,
    Reply,
    UnusableReply,
)
from services.payment.providers.reading import (
    Dong,
    Loose,
    Milliseconds,
    Name,
    Number,
    PageUrl,
    at_milliseconds,
    hmac_sha256_hex,
    read_notice_body,
    read_reply,
    to_milliseconds,
)

# By method: the bank code, and the group of banks that the page then shows.
BANKS: Final = {
    Method.ZALOPAY: ("zalopayapp", None),
    Method.DOMESTIC_CARD: ("", "ATM"),
    Method.INTERNATIONAL_CARD: ("CC", None),
}
DONE: Final = 1
REFUSED: Final = 2
UNDER_WAY: Final = 3
OUTCOMES: Final = {
    DONE: Outcome.SUCCEEDED,
    REFUSED: Outcome.FAILED,
    UNDER_WAY: Outcome.PENDING,
}
# A bad request, a bad mac, no right, too often, their own fault: nothing about the money.
ABOUT_THE_REQUEST: Final = frozenset({-2, -53, -401, -402, -403, -405, -429, -500, -503})
NO_SUCH_ORDER: Final = -101
EXPIRES_SECONDS: Final = (300, 2_592_000)
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
APP_ORDER: Final = r"^[0-9]{6}_[\x21-\x7e]{1,33}$"

Code = Annotated[StrictInt, Field(ge=-(10**9), le=10**9)]


class Callback(Loose):
    data: Annotated[str, Field(max_length=65536)]


class CallbackData(Loose):
    """ZaloPay tells of payments that were made, and of no others."""

    app_id: Number
    app_trans_id: Annotated[str, Field(pattern=APP_ORDER)]
    amount: Dong
    zp_trans_id: Annotated[StrictInt, Field(gt=0, le=10**18)]
    server_time: Milliseconds | None = None
    app_time: Milliseconds | None = None

    @property
    def paid_at(self) -> datetime:
        """When it says nothing better, the day that stands in our own name of the order."""
        said = self.server_time or self.app_time
        if said is not None:
            return at_milliseconds(said)
        return datetime.strptime(f"{self.app_trans_id[:6]} +0700", "%y%m%d %z").astimezone(UTC)


class ZaloReply(Loose):
    return_code: Code
    sub_return_code: Code = 0

    @property
    def outcome(self) -> Outcome:
        if self.return_code not in OUTCOMES:
            raise UnusableReply(str(self.return_code))
        outcome = OUTCOMES[self.return_code]
        if outcome is Outcome.FAILED and self.sub_return_code in ABOUT_THE_REQUEST:
            raise UnusableReply(str(self.sub_return_code))
        return outcome

    @property
    def reason(self) -> str:
        return str(self.sub_return_code or self.return_code)


class CreatedReply(ZaloReply):
    order_url: PageUrl | None = None


class QueryReply(ZaloReply):
    amount: Annotated[StrictInt | None, Field(ge=0, le=10**15)] = None
    zp_trans_id: Number | Annotated[str, Field(pattern=r"^[0-9]{0,19}$")] | None = None
    server_time: Annotated[StrictInt | None, Field(ge=0, le=4_102_444_800_000)] = None

    @property
    def is_over(self) -> bool:
        """It knows the order, and nothing comes of it any more."""
        return self.outcome is Outcome.FAILED and self.sub_return_code != NO_SUCH_ORDER

    @property
    def number(self) -> str | None:
        """Nothing, and nought as well, where no payment was begun."""
        text = str(self.zp_trans_id or "")
        return text if text.strip("0") else None


class RefundReply(ZaloReply):
    refund_id: Number | Name | None = None


def zalopay(config: ProviderConfig) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=frozenset(BANKS),
        read_notice=lambda raw: read_notice(config, raw),
        answer=answer,
        checkout=CheckoutWay(
            order_reference=order_reference,
            request=lambda order, call: create_request(config, order, call),
            read=read_created,
        ),
        enquiry=EnquiryWay(
            request=lambda question, _call: query_request(config, question),
            read=read_query,
        ),
        refund=RefundWay(
            request=lambda order, call: refund_request(config, order, call),
            read=lambda _order, reply: read_refund(reply),
            enquiry=lambda order, call: refund_query_request(config, order, call),
            read_enquiry=lambda _order, reply: read_asked_refund(reply),
        ),
        needs=frozenset({"app_id", "key1"}),
    )


def read_notice(config: ProviderConfig, raw: bytes) -> ProviderNotice:
    """`data` is a text that holds JSON: the gateway proved that very text before it is read."""
    data = read_notice_body(Callback, raw, config.name).data
    said = read_notice_body(CallbackData, data, config.name)
    try:
        paid_at = said.paid_at
    except ValueError:
        raise UnreadableNotice(config.name, "app_trans_id") from None
    return ProviderNotice(
        provider_reference=str(said.zp_trans_id),
        order_reference=said.app_trans_id,
        amount=Money(said.amount),
        outcome=Outcome.SUCCEEDED,
        paid_at=paid_at,
        is_for_us=config.facts.get("app_id", "") in ("", str(said.app_id)),
    )


def answer(_raw: bytes, verdict: Verdict) -> ProviderAnswer:
    """Heard is heard, also where we disagree about the amount: that we do not settle by repeats."""
    if verdict.reception is Reception.ALREADY_FINAL:
        return _said(2, "duplicate")
    return _said(1, "success")


def _said(code: int, message: str) -> ProviderAnswer:
    said = {"return_code": code, "return_message": message}
    return ProviderAnswer(body=json.dumps(said, separators=(",", ":")).encode())


def order_reference(seed: OrderSeed) -> str:
    """It begins with today's date in Viet Nam; ZaloPay takes at most 40 characters."""
    return f"{_day(seed.started_at)}_{seed.bill_reference}-{seed.number}"


def create_request(config: ProviderConfig, order: CheckoutOrder, call: Call) -> OutgoingRequest:
    bank_code, group = BANKS[order.method]
    shown = {"redirecturl": order.return_url} | ({"bankgroup": group} if group else {})
    left = int((order.expires_at - call.now).total_seconds())
    said = {
        "app_id": config.facts["app_id"],
        "app_trans_id": order.order_reference,
        "app_user": order.bill_reference,
        "amount": str(order.amount.minor_units),
        "app_time": str(to_milliseconds(call.now)),
        "embed_data": json.dumps(shown, separators=(",", ":")),
        "item": "[]",
    }
    more = {
        "description": order.description,
        "bank_code": bank_code,
        "callback_url": config.notify_url,
        "expire_duration_seconds": str(min(max(left, EXPIRES_SECONDS[0]), EXPIRES_SECONDS[1])),
        "mac": _mac(config, *said.values()),
    }
    return _form(config, "/v2/create", said | more)


def read_created(_order: CheckoutOrder, reply: Reply) -> Checkout:
    said = read_reply(CreatedReply, reply)
    if said.return_code == REFUSED:
        raise RefusedByProvider(said.reason)
    if said.return_code != DONE or said.order_url is None:
        raise UnusableReply(str(said.return_code))
    return Checkout(pay_url=said.order_url)


def query_request(config: ProviderConfig, question: Question) -> OutgoingRequest:
    if question.order_reference is None:
        raise UnusableReply("ZaloPay is asked by the order alone")
    app_id, key1 = config.facts["app_id"], config.secrets["key1"]
    said = {
        "app_id": app_id,
        "app_trans_id": question.order_reference,
        "mac": _mac(config, app_id, question.order_reference, key1),
    }
    return _form(config, "/v2/query", said)


def read_query(question: Question, reply: Reply) -> EnquiryAnswer:
    said = read_reply(QueryReply, reply)
    notice: ProviderNotice | None = None
    if said.outcome is Outcome.SUCCEEDED:
        if not said.amount or said.number is None:
            raise UnusableReply("paid, and not said what")
        notice = _notice(said, question, reply, amount=Money(said.amount))
    elif said.is_over and question.amount is not None:
        # Said of the order, so that another try may begin: ZaloPay sends no notice of it.
        notice = _notice(said, question, reply, amount=question.amount)
    return EnquiryAnswer(
        outcome=said.outcome,
        notices=(notice,) if notice else (),
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )


def _notice(said: QueryReply, question: Question, reply: Reply, *, amount: Money) -> ProviderNotice:
    failed = said.outcome is Outcome.FAILED
    return ProviderNotice(
        provider_reference=said.number or question.order_reference or "",
        order_reference=question.order_reference,
        amount=amount,
        outcome=said.outcome,
        paid_at=at_milliseconds(said.server_time) if said.server_time else reply.received_at,
        failure=said.reason if failed else None,
    )


def refund_request(config: ProviderConfig, order: RefundOrder, call: Call) -> OutgoingRequest:
    app_id, timestamp = config.facts["app_id"], str(to_milliseconds(call.now))
    amount = str(order.amount.minor_units)
    signed = (app_id, order.provider_reference, amount, order.description, timestamp)
    said = {
        "app_id": app_id,
        "m_refund_id": refund_name(config, order),
        "zp_trans_id": order.provider_reference,
        "amount": amount,
        "description": order.description,
        "timestamp": timestamp,
        "mac": _mac(config, *signed),
    }
    return _form(config, "/v2/refund", said)


def refund_query_request(config: ProviderConfig, order: RefundOrder, call: Call) -> OutgoingRequest:
    app_id, timestamp = config.facts["app_id"], str(to_milliseconds(call.now))
    name = refund_name(config, order)
    said = {
        "app_id": app_id,
        "m_refund_id": name,
        "timestamp": timestamp,
        "mac": _mac(config, app_id, name, timestamp),
    }
    return _form(config, "/v2/query_refund", said)


def read_refund(reply: Reply) -> RefundAnswer:
    """A refusal is not believed at once: it may mean that this refund was called for before.

    Only when asked about the refund by its name does ZaloPay say what became of it.
    """
    answered = read_asked_refund(reply)
    if answered.outcome is RefundOutcome.FAILED:
        return replace(answered, outcome=RefundOutcome.UNKNOWN)
    return answered


def read_asked_refund(reply: Reply) -> RefundAnswer:
    said = read_reply(RefundReply, reply)
    outcome = RefundOutcome(said.outcome.value)
    return RefundAnswer(
        outcome=outcome,
        provider_reference=str(said.refund_id) if said.refund_id else None,
        failure=said.reason if outcome is RefundOutcome.FAILED else None,
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )


def refund_name(config: ProviderConfig, order: RefundOrder) -> str:
    """By the day of the order and not of the call: a repeat, days later, is the same refund."""
    return f"{_day(order.ordered_at)}_{config.facts['app_id']}_{order.refund_reference}"


def _day(instant: datetime) -> str:
    return instant.astimezone(VIETNAM).strftime("%y%m%d")


def _mac(config: ProviderConfig, *signed: str) -> str:
    return hmac_sha256_hex(config.secrets["key1"], "|".join(signed))


def _form(config: ProviderConfig, path: str, said: dict[str, str]) -> OutgoingRequest:
    return OutgoingRequest(
        method="POST", url=config.url + path, headers=FORM, body=urlencode(said).encode()
    )
