"""VNPAY's `refund`, and what `querydr` tells of one."""

from collections.abc import Mapping
from typing import Final

from services.payment.ports.providers import RefundAnswer, RefundOrder, RefundOutcome
from services.payment.providers.adapter import (
    HELD_BY_BOTH,
    Call,
    OutgoingRequest,
    ProviderConfig,
    Reply,
    UnusableReply,
)
from services.payment.providers.compact_time import date_of, write_time
from services.payment.providers.flat import plain_text, read_amount
from services.payment.providers.vnpay_messages import (
    NO_TRANSACTION,
    OK,
    PART,
    QUERY_ANSWERED,
    REFUND_ANSWERED,
    UNITS_EACH,
    VERSION,
    WHOLE,
    ask_about,
    checked,
    post,
    response_code,
)

REFUND_STATUSES: Final[Mapping[str, RefundOutcome]] = {
    "00": RefundOutcome.SUCCEEDED,
    "05": RefundOutcome.PENDING,
    "06": RefundOutcome.PENDING,
    "09": RefundOutcome.FAILED,
}
# Refusals of the refund itself. 94 says only that this request came before, and 99 says nothing.
REFUND_REFUSALS: Final[Mapping[str, str]] = {
    "02": "unknown_merchant",
    "03": "bad_request",
    "91": "unknown_transaction",
    "95": "refused",
    "97": "bad_signature",
}

REFUND_ASKED: Final = (
    *("RequestId", "Version", "Command", "TmnCode", "TransactionType", "TxnRef", "Amount"),
    *("TransactionNo", "TransactionDate", "CreateBy", "CreateDate", "IpAddr", "OrderInfo"),
)


def refund_request(config: ProviderConfig, order: RefundOrder, call: Call) -> OutgoingRequest:
    number = order.provider_reference
    fields = {
        "vnp_RequestId": order.refund_reference,
        "vnp_Version": VERSION,
        "vnp_Command": "refund",
        "vnp_TmnCode": config.facts.get("tmn_code", ""),
        "vnp_TransactionType": WHOLE if order.amount == order.paid else PART,
        "vnp_TxnRef": order.order_reference or "",
        "vnp_Amount": str(order.amount.minor_units * UNITS_EACH),
        "vnp_TransactionNo": number if number.isdigit() else "0",
        "vnp_TransactionDate": date_of(order.order_reference, order.paid_at),
        "vnp_CreateBy": plain_text(order.ordered_by) or "lephi",
        "vnp_CreateDate": write_time(call.now),
        "vnp_IpAddr": config.facts.get("ip_address", "127.0.0.1"),
        "vnp_OrderInfo": plain_text(order.description),
    }
    return post(config, fields, REFUND_ASKED)


def read_refund(config: ProviderConfig, order: RefundOrder, reply: Reply) -> RefundAnswer:
    said = checked(config, reply, REFUND_ANSWERED)
    code = response_code(said)
    if said.get("vnp_TxnRef", "") not in {order.order_reference, ""}:
        raise UnusableReply("about another order")
    if code in REFUND_REFUSALS:
        return _refunded(reply, RefundOutcome.FAILED, said, failure=REFUND_REFUSALS[code])
    if code != OK or not said.get("vnp_TxnRef") or not _is_this_refund(order, said):
        raise UnusableReply("no word about this refund")
    # Taken, and nothing more said: it is on its way.
    status = said.get("vnp_TransactionStatus", "")
    return _refunded(reply, REFUND_STATUSES.get(status, RefundOutcome.PENDING), said)


def refund_enquiry_request(
    config: ProviderConfig, order: RefundOrder, call: Call
) -> OutgoingRequest:
    return ask_about(config, order.order_reference or "", order.paid_at, call)


def read_refund_enquiry(config: ProviderConfig, order: RefundOrder, reply: Reply) -> RefundAnswer:
    """`querydr` names no refund, so its word counts only where no other refund can be meant."""
    said = checked(config, reply, QUERY_ANSWERED)
    alone = order.amount == order.paid or 2 * order.amount.minor_units > order.paid.minor_units
    if (
        response_code(said) != OK
        or said.get("vnp_TxnRef") != order.order_reference
        or said.get("vnp_TransactionType", "") not in {WHOLE, PART}
        or not alone
        or not _is_this_refund(order, said)
    ):
        raise UnusableReply("no word about this refund")
    outcome = REFUND_STATUSES.get(said.get("vnp_TransactionStatus", ""), RefundOutcome.UNKNOWN)
    return _refunded(reply, outcome, said)


def _is_this_refund(order: RefundOrder, said: Mapping[str, str]) -> bool:
    return read_amount(said.get("vnp_Amount", ""), units_each=UNITS_EACH) == order.amount


def _refunded(
    reply: Reply, outcome: RefundOutcome, said: Mapping[str, str], *, failure: str | None = None
) -> RefundAnswer:
    number = said.get("vnp_TransactionNo", "")
    if outcome is RefundOutcome.FAILED and failure is None:
        failure = "refused_by_bank"
    return RefundAnswer(
        outcome=outcome,
        provider_reference=None if number in NO_TRANSACTION else number,
        failure=failure,
        raw=reply.body,
        proof={"url": reply.request.url},
        evidence_level=HELD_BY_BOTH,
    )
