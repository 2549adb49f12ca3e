"""VNPT Pay 1.0.6 (VNPT Money): a wallet's own page, an IPN that waits for our signed answer.

No programmatic refund is published: money goes back by hand, or to an account.
"""

from collections.abc import Mapping
from typing import Final

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
)
from services.payment.providers.adapter import (
    HELD_BY_BOTH,
    Adapter,
    CheckoutWay,
    EnquiryWay,
    OutgoingRequest,
    ProviderConfig,
    RefusedByProvider,
    Reply,
    UnusableReply,
)
from services.payment.providers.compact_time import date_of, dated, read_time
from services.payment.providers.flat import (
    NAME,
    is_page,
    json_bytes,
    json_post,
    piped_digest,
    plain_text,
    read_amount,
    read_reply,
    require_piped,
)
from services.payment.providers.flat import read_notice as read_fields

VERSION: Final = "1.0.6"
SIGNATURE: Final = "SECURE_CODE"
OK: Final = "00"
CREATED: Final = (
    *("ACTION", "VERSION", "MERCHANT_SERVICE_ID", "MERCHANT_ORDER_ID", "AMOUNT"),
    *("PAYMENT_ACTION", "SERVICE_CATEGORY", "CHANNEL_ID", "DEVICE", "LOCALE", "CURRENCY_CODE"),
    *("PAYMENT_METHOD", "DESCRIPTION", "CREATE_DATE", "CLIENT_IP"),
)
ASKED: Final = ("ACTION", "VERSION", "MERCHANT_SERVICE_ID", "MERCHANT_ORDER_ID", "CREATE_DATE")
NOTIFIED: Final = (
    *("ACTION", "RESPONSE_CODE", "MERCHANT_SERVICE_ID", "MERCHANT_ORDER_ID", "AMOUNT"),
    *("CURRENCY_CODE", "VNPTPAY_TRANSACTION_ID", "PAYMENT_METHOD", "PAY_DATE", "ADDITIONAL_INFO"),
)
# As a notice, and what decides is signed as well. An answer signed otherwise tells nothing.
QUERY_ANSWERED: Final = (*NOTIFIED, "TRANSACTION_STATUS")
ANSWERED: Final = (
    *("RESPONSE_CODE", "DESCRIPTION", "MERCHANT_SERVICE_ID", "MERCHANT_ORDER_ID"),
    "CREATE_DATE",
)
STATUSES: Final[Mapping[str, Outcome]] = {
    "00": Outcome.SUCCEEDED,
    "01": Outcome.PENDING,
    "02": Outcome.FAILED,
}
ANSWERS: Final[Mapping[Reception, tuple[str, str]]] = {
    Reception.RECORDED: (OK, "Success"),
    Reception.ALREADY_FINAL: (OK, "Already confirmed"),
    Reception.UNKNOWN_REFERENCE: ("01", "Order not found"),
    Reception.WRONG_AMOUNT: ("04", "Invalid amount"),
}


def vnptpay(config: ProviderConfig) -> Adapter:
    return Adapter(
        name=config.name,
        client_id=config.client_id,
        methods=frozenset({Method.VNPT_PAY}),
        read_notice=lambda raw: read_notice(config, raw),
        answer=lambda raw, verdict: answer(config, raw, verdict),
        checkout=CheckoutWay(
            order_reference=order_reference,
            request=lambda order, _call: create_request(config, order),
            read=read_created,
        ),
        enquiry=EnquiryWay(
            request=lambda question, _call: enquiry_request(config, question),
            read=lambda question, reply: read_enquiry(config, question, reply),
        ),
    )


def order_reference(seed: OrderSeed) -> str:
    return dated(f"{seed.bill_reference}{seed.number:02d}", seed.started_at)


def create_request(config: ProviderConfig, order: CheckoutOrder) -> OutgoingRequest:
    fields = {
        "ACTION": "PAY",
        "VERSION": VERSION,
        "MERCHANT_SERVICE_ID": config.facts.get("merchant_service_id", ""),
        "MERCHANT_ORDER_ID": order.order_reference,
        "AMOUNT": str(order.amount.minor_units),
        "PAYMENT_ACTION": "PAY",
        "SERVICE_CATEGORY": config.facts.get("service_category", "57"),
        "CHANNEL_ID": config.facts.get("channel_id", "1"),
        "DEVICE": "1",
        "LOCALE": "vi-VN" if order.language == "vi" else "en-US",
        "CURRENCY_CODE": order.amount.currency,
        "PAYMENT_METHOD": "VNPTPAY",
        "DESCRIPTION": plain_text(order.description),
        "CREATE_DATE": date_of(order.order_reference, order.started_at),
        "CLIENT_IP": order.client_ip,
    }
    signature = piped_digest(fields, CREATED, config.secrets["secret_key"])
    # Sent and not signed: where the payer goes afterwards decides nothing.
    said = {**fields, "MERCHANT_DATA": order.return_url, SIGNATURE: signature}
    return json_post(
        config.url + config.facts.get("pay_path", "/pay_qrcode"), said, _bearer(config)
    )


def read_created(order: CheckoutOrder, reply: Reply) -> Checkout:
    said = read_reply(reply)
    code = said.get("RESPONSE_CODE", "")
    if code and code != OK:
        raise RefusedByProvider(f"it answered {plain_text(code, length_max=10)}")
    if said.get("MERCHANT_ORDER_ID", order.order_reference) != order.order_reference:
        raise UnusableReply("about another order")
    url = said.get("REDIRECT_URL", "")
    if code != OK or not is_page(url):
        raise UnusableReply("no page to send the payer to")
    return Checkout(pay_url=url)


def read_notice(config: ProviderConfig, raw: bytes) -> ProviderNotice:
    said = read_fields(config.name, raw)
    succeeded = said.get("RESPONSE_CODE") == OK
    outcome = Outcome.SUCCEEDED if succeeded else Outcome.FAILED
    notice = _notice(config, said, outcome)
    if isinstance(notice, str):
        raise UnreadableNotice(config.name, notice)
    return notice


def answer(config: ProviderConfig, raw: bytes, verdict: Verdict) -> ProviderAnswer:
    """Signed, and dated as the notice is: a repeat of it gets the same bytes."""
    heard = read_fields(config.name, raw)
    code, description = ANSWERS[verdict.reception]
    said = {
        "RESPONSE_CODE": code,
        "DESCRIPTION": description,
        "MERCHANT_SERVICE_ID": heard.get("MERCHANT_SERVICE_ID", ""),
        "MERCHANT_ORDER_ID": heard.get("MERCHANT_ORDER_ID", ""),
        "CREATE_DATE": heard.get("PAY_DATE", ""),
    }
    signature = piped_digest(said, ANSWERED, config.secrets["secret_key"])
    return ProviderAnswer(body=json_bytes({**said, SIGNATURE: signature}))


def enquiry_request(config: ProviderConfig, question: Question) -> OutgoingRequest:
    if question.order_reference is None:
        raise UnusableReply("it can be asked by our own reference alone")
    fields = {
        "ACTION": "QUERY",
        "VERSION": VERSION,
        "MERCHANT_SERVICE_ID": config.facts.get("merchant_service_id", ""),
        "MERCHANT_ORDER_ID": question.order_reference,
        "CREATE_DATE": date_of(question.order_reference, question.since),
    }
    signature = piped_digest(fields, ASKED, config.secrets["secret_key"])
    return json_post(f"{config.url}/query", {**fields, SIGNATURE: signature}, _bearer(config))


def read_enquiry(config: ProviderConfig, question: Question, reply: Reply) -> EnquiryAnswer:
    said = read_reply(reply)
    require_piped(
        said,
        QUERY_ANSWERED,
        given=said.get(SIGNATURE, ""),
        secret=config.secrets["secret_key"],
    )
    if said.get("MERCHANT_ORDER_ID") != question.order_reference or not _is_for_us(config, said):
        raise UnusableReply("about another order")
    outcome = STATUSES.get(said.get("TRANSACTION_STATUS", ""))
    if said.get("RESPONSE_CODE") != OK or outcome is None:
        raise UnusableReply("no word about the payment")
    notice = _notice(config, said, outcome)
    if isinstance(notice, str) and outcome is Outcome.SUCCEEDED:
        raise UnusableReply(f"a success without its {notice}")
    return EnquiryAnswer(
        outcome=outcome,
        notices=() if isinstance(notice, str) else (notice,),
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )


def _notice(
    config: ProviderConfig, said: Mapping[str, str], outcome: Outcome
) -> ProviderNotice | str:
    """Or the name of the field that cannot be read. A failure need not have a transaction."""
    amount = read_amount(said.get("AMOUNT", ""), currency=said.get("CURRENCY_CODE", ""))
    order = said.get("MERCHANT_ORDER_ID", "")
    number = said.get("VNPTPAY_TRANSACTION_ID", "")
    if not number and outcome is not Outcome.SUCCEEDED:
        number = order
    paid_at = read_time(said.get("PAY_DATE", "") or order[-14:])
    if amount is None:
        return "AMOUNT"
    if not NAME.fullmatch(order):
        return "MERCHANT_ORDER_ID"
    if not NAME.fullmatch(number):
        return "VNPTPAY_TRANSACTION_ID"
    if paid_at is None:
        return "PAY_DATE"
    return ProviderNotice(
        provider_reference=number,
        order_reference=order,
        amount=amount,
        outcome=outcome,
        paid_at=paid_at,
        purpose=said.get("ADDITIONAL_INFO") or None,
        is_for_us=_is_for_us(config, said),
        failure=_failure(said) if outcome is Outcome.FAILED else None,
    )


def _failure(said: Mapping[str, str]) -> str:
    code = plain_text(said.get("RESPONSE_CODE", ""), length_max=20)
    return "not_paid" if code in ("", OK) else f"vnptpay_{code}"


def _is_for_us(config: ProviderConfig, said: Mapping[str, str]) -> bool:
    """Where no merchant is registered, none is compared."""
    ours = config.facts.get("merchant_service_id", "")
    return not ours or said.get("MERCHANT_SERVICE_ID") == ours


def _bearer(config: ProviderConfig) -> Mapping[str, str]:
    key = config.secrets.get("api_key")
    return {"authorization": f"Bearer {key}"} if key else {}
