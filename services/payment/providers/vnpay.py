"""VNPAY 2.1.0: a redirect to its page, an IPN as the query of a GET, `querydr` and `refund`.

Amounts are in hundredths of a đồng. The payer's return decides nothing; VNPAY's answer does.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.intents.method import Method
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    Reception,
    Verdict,
)
from services.payment.ports.providers import (
    CheckoutOrder,
    EnquiryAnswer,
    OrderSeed,
    ProviderAnswer,
    Question,
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
    Reply,
    UnusableReply,
)
from services.payment.providers.compact_time import date_of, dated, read_time, write_time
from services.payment.providers.flat import (
    NAME,
    json_bytes,
    plain_text,
    read_amount,
)
from services.payment.providers.vnpay_messages import (
    NO_TRANSACTION,
    NOT_FOUND,
    OK,
    PAYMENT,
    QUERY_ANSWERED,
    SIGNATURE,
    UNITS_EACH,
    VERSION,
    WHOLE,
    ask_about,
    checked,
    is_for_us,
    mac,
    response_code,
    signed_text,
)
from services.payment.providers.vnpay_refunds import (
    read_refund,
    read_refund_enquiry,
    refund_enquiry_request,
    refund_request,
)

PAGE: Final = "/paymentv2/vpcpay.html"
FIELDS_MAX: Final = 64

# The payer chooses the bank on VNPAY's page, unless one is named.
BANK_CODES: Final[Mapping[Method, str]] = {
    Method.DOMESTIC_CARD: "VNBANK",
    Method.INTERNATIONAL_CARD: "INTCARD",
    Method.INTERNET_BANKING: "VNBANK",
    Method.VIETQR: "VNPAYQR",
}
TAKES_NAMED_BANK: Final = frozenset({Method.DOMESTIC_CARD, Method.INTERNET_BANKING})

# What a transaction's own status says of a payment. 04 (debited, then reversed) and the codes of
# refunds leave open where the money is; 07 is suspected of fraud and waits for a person.
STATUSES: Final[Mapping[str, Outcome]] = {
    "00": Outcome.SUCCEEDED,
    "01": Outcome.PENDING,
    "02": Outcome.FAILED,
    "07": Outcome.PENDING,
}
SUSPECTED: Final = "07"
FAILURES: Final[Mapping[str, str]] = {
    "09": "not_registered_for_internet_banking",
    "10": "wrong_card_details",
    "11": "expired",
    "12": "card_locked",
    "13": "wrong_otp",
    "24": "cancelled_by_payer",
    "51": "insufficient_funds",
    "65": "daily_limit_exceeded",
    "75": "bank_under_maintenance",
    "79": "wrong_password_too_often",
}

# Its IPN table; 97 and 99 are said where a notice is refused, before it comes here.
ANSWERS: Final[Mapping[Reception, tuple[str, str]]] = {
    Reception.RECORDED: ("00", "Confirm Success"),
    Reception.UNKNOWN_REFERENCE: ("01", "Order not found"),
    Reception.ALREADY_FINAL: ("02", "Order already confirmed"),
    Reception.WRONG_AMOUNT: ("04", "Invalid amount"),
}


def vnpay(config: ProviderConfig) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=frozenset(BANK_CODES),
        read_notice=lambda raw: read_notice(config, raw),
        answer=lambda _raw, verdict: answer(verdict),
        checkout=CheckoutWay(
            order_reference=order_reference,
            request=lambda order, _call: pay_page(config, order),
        ),
        enquiry=EnquiryWay(
            request=lambda question, call: enquiry_request(config, question, call),
            read=lambda question, reply: read_enquiry(config, question, reply),
        ),
        refund=RefundWay(
            request=lambda order, call: refund_request(config, order, call),
            read=lambda order, reply: read_refund(config, order, reply),
            enquiry=lambda order, call: refund_enquiry_request(config, order, call),
            read_enquiry=lambda order, reply: read_refund_enquiry(config, order, reply),
        ),
    )


def order_reference(seed: OrderSeed) -> str:
    """Letters and digits alone, and never twice: VNPAY wants it so for a day."""
    return dated(f"{seed.bill_reference}{seed.number:02d}", seed.started_at)


def pay_page(config: ProviderConfig, order: CheckoutOrder) -> OutgoingRequest:
    named = order.bank_code if order.method in TAKES_NAMED_BANK else None
    fields = {
        "vnp_Version": VERSION,
        "vnp_Command": "pay",
        "vnp_TmnCode": config.facts.get("tmn_code", ""),
        "vnp_Amount": str(order.amount.minor_units * UNITS_EACH),
        "vnp_CurrCode": order.amount.currency,
        "vnp_TxnRef": order.order_reference,
        "vnp_OrderInfo": plain_text(order.description),
        "vnp_OrderType": config.facts.get("order_type", "other"),
        "vnp_Locale": "vn" if order.language == "vi" else "en",
        "vnp_ReturnUrl": order.return_url,
        "vnp_IpAddr": order.client_ip,
        "vnp_CreateDate": date_of(order.order_reference, order.started_at),
        "vnp_ExpireDate": write_time(order.expires_at),
        "vnp_BankCode": named or BANK_CODES[order.method],
    }
    query = signed_text(fields)
    signature = mac(config, query)
    return OutgoingRequest(method="GET", url=f"{config.url}{PAGE}?{query}&{SIGNATURE}={signature}")


def read_notice(config: ProviderConfig, raw: bytes) -> ProviderNotice:
    said = _query_fields(config.name, raw)
    outcome = _outcome_of_notice(said)
    amount = read_amount(said.get("vnp_Amount", ""), units_each=UNITS_EACH)
    order = said.get("vnp_TxnRef", "")
    number = said.get("vnp_TransactionNo", "")
    paid_at = _paid_at(said, order)
    if amount is None:
        raise UnreadableNotice(config.name, "vnp_Amount")
    if not NAME.fullmatch(order):
        raise UnreadableNotice(config.name, "vnp_TxnRef")
    if paid_at is None:
        raise UnreadableNotice(config.name, "vnp_PayDate")
    if not _is_number(number, outcome):
        raise UnreadableNotice(config.name, "vnp_TransactionNo")
    return ProviderNotice(
        provider_reference=order if number in NO_TRANSACTION else number,
        order_reference=order,
        amount=amount,
        outcome=outcome,
        paid_at=paid_at,
        purpose=said.get("vnp_OrderInfo") or None,
        is_for_us=is_for_us(config, said),
        failure=_failure(said) if outcome is Outcome.FAILED else None,
    )


def answer(verdict: Verdict) -> ProviderAnswer:
    code, message = ANSWERS[verdict.reception]
    return ProviderAnswer(body=json_bytes({"RspCode": code, "Message": message}))


def enquiry_request(config: ProviderConfig, question: Question, call: Call) -> OutgoingRequest:
    if question.order_reference is None:
        raise UnusableReply("it can be asked by our own reference alone")
    return ask_about(config, question.order_reference, question.since, call)


def read_enquiry(config: ProviderConfig, question: Question, reply: Reply) -> EnquiryAnswer:
    said = checked(config, reply, QUERY_ANSWERED)
    named, code = said.get("vnp_TxnRef", ""), response_code(said)
    # Of an order that never reached its page VNPAY has no name to repeat.
    if named != question.order_reference and (named or code != NOT_FOUND):
        raise UnusableReply("about another order")
    if code == NOT_FOUND:
        return _answered(reply, Outcome.FAILED, ())
    # A refund of the same order carries its reference too, and its success is no payment's. All
    # of it gone back: VNPAY holds no money of this order.
    kind, status = said.get("vnp_TransactionType", ""), said.get("vnp_TransactionStatus", "")
    if code == OK and (kind, status) == (WHOLE, OK):
        return _answered(reply, Outcome.FAILED, ())
    if code != OK or kind not in {"", PAYMENT}:
        raise UnusableReply("no word about the payment")
    outcome = STATUSES.get(status, Outcome.UNKNOWN)
    notice = _notice_of_answer(said, outcome, reply)
    if notice is None and outcome is Outcome.SUCCEEDED:
        raise UnusableReply("a success without its facts")
    return _answered(reply, outcome, () if notice is None else (notice,))


def _query_fields(provider: str, raw: bytes) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise UnreadableNotice(provider, None) from None
    if len(dict(pairs)) != len(pairs):
        raise UnreadableNotice(provider, None)
    return {name: value for name, value in pairs if name.startswith("vnp_")}


def _outcome_of_notice(said: Mapping[str, str]) -> Outcome:
    """Paid only where both codes say so; where they disagree, nothing is known."""
    code, status = response_code(said), said.get("vnp_TransactionStatus", "")
    if SUSPECTED in (code, status):
        return Outcome.PENDING
    outcome = STATUSES.get(status, Outcome.UNKNOWN)
    if not status and code in FAILURES:
        return Outcome.FAILED
    agreed = (code == OK) == (outcome is Outcome.SUCCEEDED)
    return outcome if agreed or outcome is Outcome.PENDING else Outcome.UNKNOWN


def _failure(said: Mapping[str, str]) -> str:
    code = response_code(said)
    return FAILURES.get(code, f"vnpay_{code}" if code.isalnum() else "not_said")


def _is_number(number: str, outcome: Outcome) -> bool:
    if number in NO_TRANSACTION:
        return outcome is not Outcome.SUCCEEDED
    return NAME.fullmatch(number) is not None


def _paid_at(said: Mapping[str, str], order_reference: str) -> datetime | None:
    """Where no money moved VNPAY may name no time; then it is when the attempt began."""
    return read_time(said.get("vnp_PayDate", "") or order_reference[-14:])


def _notice_of_answer(
    said: Mapping[str, str], outcome: Outcome, reply: Reply
) -> ProviderNotice | None:
    amount = read_amount(said.get("vnp_Amount", ""), units_each=UNITS_EACH)
    number = said.get("vnp_TransactionNo", "")
    paid_at = read_time(said.get("vnp_PayDate", ""))
    if outcome is not Outcome.SUCCEEDED:
        paid_at = paid_at or reply.received_at
    if outcome is Outcome.FAILED and number in NO_TRANSACTION:
        # Where no money moved there is no number of theirs: our own names the failed try.
        number = said["vnp_TxnRef"]
    if amount is None or paid_at is None or number in NO_TRANSACTION or not NAME.fullmatch(number):
        return None
    return ProviderNotice(
        provider_reference=number,
        order_reference=said["vnp_TxnRef"],
        amount=amount,
        outcome=outcome,
        paid_at=paid_at,
        purpose=said.get("vnp_OrderInfo") or None,
        failure="not_paid" if outcome is Outcome.FAILED else None,
    )


def _answered(reply: Reply, outcome: Outcome, notices: tuple[ProviderNotice, ...]) -> EnquiryAnswer:
    return EnquiryAnswer(
        outcome=outcome,
        notices=notices,
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )
