"""MoMo v2: a wallet, and through `payWithATM` the domestic cards.

Publicly documented: create, IPN with its fixed list of signed pairs, query, refund, refund query,
the idempotent `requestId`, HTTP 204 as the answer to an IPN. [K], not verified against MoMo itself:
`orderExpireTime` in minutes, `refundTrans` in the answer about a refund, and which result codes
tell of our request rather than of the money.

MoMo signs its IPN and none of its answers. An answer counts because we asked at an address of our
choosing, over TLS, and it names the merchant, the order and the amount that we asked about.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, StrictInt

from chassis.money import Money
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
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
    Camel,
    Dong,
    Milliseconds,
    Name,
    Number,
    PageUrl,
    as_pairs,
    at_milliseconds,
    hmac_sha256_hex,
    json_request,
    read_notice_body,
    read_reply,
)

REQUEST_TYPES: Final = {Method.MOMO: "captureWallet", Method.DOMESTIC_CARD: "payWithATM"}
SUCCEEDED: Final = 0
# Begun, authorised only, or on its way: all of these may still become money.
NOT_FINAL: Final = frozenset({1000, 7000, 7002, 8000, 9000})
NOT_FOUND: Final = 42
# They judge the request or MoMo's own state, and say nothing of what we asked about.
ABOUT_THE_REQUEST: Final = frozenset({10, 11, 12, 13, 20, 40, 41, 43, 98, 99})

ResultCode = Annotated[StrictInt, Field(ge=-(10**9), le=10**9)]


class MomoIpn(Camel):
    partner_code: Name
    order_id: Name
    amount: Dong
    trans_id: Number
    result_code: ResultCode
    response_time: Milliseconds

    def to_notice(self, partner_code: str) -> ProviderNotice:
        outcome = outcome_of(self.result_code)
        return ProviderNotice(
            # A payment that was never begun has no number of its own yet.
            provider_reference=str(self.trans_id) if self.trans_id else self.order_id,
            order_reference=self.order_id,
            amount=Money(self.amount),
            outcome=outcome,
            paid_at=at_milliseconds(self.response_time),
            is_for_us=partner_code in ("", self.partner_code),
            failure=str(self.result_code) if outcome is Outcome.FAILED else None,
        )


class MomoReply(Camel):
    partner_code: Name
    order_id: Name
    result_code: ResultCode

    def require_about(self, partner_code: str, order_id: str) -> None:
        if (self.partner_code, self.order_id) != (partner_code, order_id):
            raise UnusableReply("about something else")


class CreatedReply(MomoReply):
    amount: Dong | None = None
    pay_url: PageUrl | None = None


class QueryReply(MomoReply):
    amount: Annotated[StrictInt, Field(ge=0, le=10**15)] = 0
    trans_id: Number | None = None
    response_time: Milliseconds


class RefundPart(Camel):
    order_id: Name
    amount: Dong
    result_code: ResultCode
    trans_id: Number | None = None


class RefundReply(MomoReply):
    amount: Annotated[StrictInt | None, Field(ge=0, le=10**15)] = None
    trans_id: Number | None = None
    refund_trans: Annotated[tuple[RefundPart, ...] | None, Field(max_length=200)] = None


def momo(config: ProviderConfig) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=frozenset(REQUEST_TYPES),
        read_notice=lambda raw: read_notice(config, raw),
        answer=answer,
        checkout=CheckoutWay(
            order_reference=order_reference,
            request=lambda order, call: create_request(config, order, call),
            read=lambda order, reply: read_created(config, order, reply),
        ),
        enquiry=EnquiryWay(
            request=lambda question, call: query_request(config, question, call),
            read=lambda question, reply: read_query(config, question, reply),
        ),
        refund=RefundWay(
            request=lambda order, call: refund_request(config, order, call),
            read=lambda order, reply: read_refund(config, order, reply),
            enquiry=lambda order, call: refund_query_request(config, order, call),
            read_enquiry=lambda order, reply: read_refund(config, order, reply),
        ),
        needs=frozenset({"partner_code", "secret_key", "access_key"}),
    )


def outcome_of(result_code: int) -> Outcome:
    if result_code == SUCCEEDED:
        return Outcome.SUCCEEDED
    return Outcome.PENDING if result_code in NOT_FINAL else Outcome.FAILED


def read_notice(config: ProviderConfig, raw: bytes) -> ProviderNotice:
    said = read_notice_body(MomoIpn, raw, config.name)
    return said.to_notice(config.facts.get("partner_code", ""))


def answer(_raw: bytes, _verdict: Verdict) -> ProviderAnswer:
    """MoMo repeats an IPN until it hears 204, whatever became of it."""
    return ProviderAnswer(status=204, body=b"")


def order_reference(seed: OrderSeed) -> str:
    return f"{seed.bill_reference}-{seed.number}"


def create_request(config: ProviderConfig, order: CheckoutOrder, call: Call) -> OutgoingRequest:
    said = {
        "partnerCode": config.facts["partner_code"],
        "requestId": call.request_id,
        "amount": order.amount.minor_units,
        "orderId": order.order_reference,
        "orderInfo": order.description,
        "redirectUrl": order.return_url,
        "ipnUrl": config.notify_url,
        "requestType": REQUEST_TYPES[order.method],
        "extraData": "",
    }
    signed = {**said, "accessKey": config.secrets["access_key"]}
    more = {
        "lang": order.language,
        "orderExpireTime": _minutes_until(order.expires_at, call.now),
        "signature": _signature(config, signed),
    }
    return json_request(f"{config.url}/v2/gateway/api/create", said | more)


def read_created(config: ProviderConfig, order: CheckoutOrder, reply: Reply) -> Checkout:
    said = read_reply(CreatedReply, reply)
    said.require_about(config.facts["partner_code"], order.order_reference)
    if said.result_code != SUCCEEDED:
        raise RefusedByProvider(str(said.result_code))
    if said.pay_url is None or said.amount not in (None, order.amount.minor_units):
        raise UnusableReply("not the order that was made")
    return Checkout(pay_url=said.pay_url)


def query_request(config: ProviderConfig, question: Question, call: Call) -> OutgoingRequest:
    if question.order_reference is None:
        raise UnusableReply("MoMo is asked by the order alone")
    said = {
        "partnerCode": config.facts["partner_code"],
        "requestId": call.request_id,
        "orderId": question.order_reference,
    }
    return _asking(config, "/v2/gateway/api/query", said)


def read_query(config: ProviderConfig, question: Question, reply: Reply) -> EnquiryAnswer:
    said = read_reply(QueryReply, reply)
    said.require_about(config.facts["partner_code"], question.order_reference or "")
    if said.result_code in ABOUT_THE_REQUEST:
        raise UnusableReply(str(said.result_code))
    outcome = outcome_of(said.result_code)
    failed = outcome is Outcome.FAILED and said.result_code != NOT_FOUND
    notice: ProviderNotice | None = None
    if said.amount and (said.trans_id or failed):
        notice = ProviderNotice(
            provider_reference=str(said.trans_id or said.order_id),
            order_reference=said.order_id,
            amount=Money(said.amount),
            outcome=outcome,
            paid_at=at_milliseconds(said.response_time),
            failure=str(said.result_code) if outcome is Outcome.FAILED else None,
        )
    elif outcome is Outcome.SUCCEEDED:
        raise UnusableReply("paid, and not said what")
    return EnquiryAnswer(
        outcome=outcome,
        notices=(notice,) if notice else (),
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )


def refund_request(config: ProviderConfig, order: RefundOrder, _call: Call) -> OutgoingRequest:
    """Our name of the refund is its request id as well: MoMo answers a repeat as the first time."""
    if not order.provider_reference.isdigit():
        raise UnusableReply("MoMo pays back by its transaction's number alone")
    said = {
        "partnerCode": config.facts["partner_code"],
        "requestId": order.refund_reference,
        "orderId": order.refund_reference,
        "amount": order.amount.minor_units,
        "transId": int(order.provider_reference),
        "description": order.description,
    }
    return _asking(config, "/v2/gateway/api/refund", said)


def refund_query_request(config: ProviderConfig, order: RefundOrder, call: Call) -> OutgoingRequest:
    said = {
        "partnerCode": config.facts["partner_code"],
        "requestId": call.request_id,
        "orderId": order.refund_reference,
    }
    return _asking(config, "/v2/gateway/api/refund/query", said)


def read_refund(config: ProviderConfig, order: RefundOrder, reply: Reply) -> RefundAnswer:
    said = read_reply(RefundReply, reply)
    said.require_about(config.facts["partner_code"], order.refund_reference)
    code, amount, number = said.result_code, said.amount, said.trans_id
    for part in said.refund_trans or ():
        if part.order_id == order.refund_reference:
            code, amount, number = part.result_code, part.amount, part.trans_id
    if code in ABOUT_THE_REQUEST:
        raise UnusableReply(str(code))
    if code == SUCCEEDED and amount != order.amount.minor_units:
        raise UnusableReply("another amount")
    outcome = RefundOutcome(outcome_of(code).value)
    return RefundAnswer(
        outcome=outcome,
        provider_reference=str(number) if number else None,
        failure=str(code) if outcome is RefundOutcome.FAILED else None,
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )


def _asking(config: ProviderConfig, path: str, said: Mapping[str, object]) -> OutgoingRequest:
    signed = {**said, "accessKey": config.secrets["access_key"]}
    more = {"lang": "vi", "signature": _signature(config, signed)}
    return json_request(config.url + path, {**said, **more})


def _signature(config: ProviderConfig, signed: Mapping[str, object]) -> str:
    """Over all fields in the order of their names, the access key among them."""
    pairs = as_pairs(dict(sorted(signed.items())))
    return hmac_sha256_hex(config.secrets["secret_key"], pairs)


def _minutes_until(end: datetime, now: datetime) -> int:
    return max(1, int((end - now).total_seconds()) // 60)
