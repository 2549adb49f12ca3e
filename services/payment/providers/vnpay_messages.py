"""VNPAY's messages: how they are signed, asked and checked."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from services.payment.providers.adapter import (
    Call,
    OutgoingRequest,
    ProviderConfig,
    Reply,
    UnusableReply,
)
from services.payment.providers.compact_time import date_of, write_time
from services.payment.providers.flat import equal_digests, json_post, read_reply

VERSION: Final = "2.1.0"
API: Final = "/merchant_webapi/api/transaction"
SIGNATURE: Final = "vnp_SecureHash"
UNITS_EACH: Final = 100
OK: Final = "00"
NOT_FOUND: Final = "91"
# Kinds of transactions: a payment, all of it paid back, a part of it.
PAYMENT: Final = "01"
WHOLE: Final = "02"
PART: Final = "03"
# Whoever names no transaction of its own writes this.
NO_TRANSACTION: Final = frozenset({"", "0"})

QUERY_ASKED: Final = (
    *("RequestId", "Version", "Command", "TmnCode", "TxnRef", "TransactionDate"),
    *("CreateDate", "IpAddr", "OrderInfo"),
)
REFUND_ANSWERED: Final = (
    *("ResponseId", "Command", "ResponseCode", "Message", "TmnCode", "TxnRef", "Amount"),
    *("BankCode", "PayDate", "TransactionNo", "TransactionType", "TransactionStatus"),
    "OrderInfo",
)
QUERY_ANSWERED: Final = (*REFUND_ANSWERED, "PromotionCode", "PromotionAmount")


def signed_text(fields: Mapping[str, str]) -> str:
    """Sorted, encoded, spaces as plus signs, the empty ones left out."""
    return urlencode(sorted((name, value) for name, value in fields.items() if value))


def mac(config: ProviderConfig, text: str) -> str:
    secret = config.secrets["hash_secret"]
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()


def joined(said: Mapping[str, str], names: Sequence[str]) -> str:
    return "|".join(said.get(f"vnp_{name}", "") for name in names)


def ask_about(
    config: ProviderConfig, order_reference: str, since: datetime, call: Call
) -> OutgoingRequest:
    fields = {
        "vnp_RequestId": call.request_id,
        "vnp_Version": VERSION,
        "vnp_Command": "querydr",
        "vnp_TmnCode": config.facts.get("tmn_code", ""),
        "vnp_TxnRef": order_reference,
        "vnp_TransactionDate": date_of(order_reference, since),
        "vnp_CreateDate": write_time(call.now),
        "vnp_IpAddr": config.facts.get("ip_address", "127.0.0.1"),
        "vnp_OrderInfo": f"Truy van {order_reference}",
    }
    return post(config, fields, QUERY_ASKED)


def post(
    config: ProviderConfig, fields: Mapping[str, str], signed: Sequence[str]
) -> OutgoingRequest:
    signature = mac(config, joined(fields, signed))
    return json_post(f"{config.url}{API}", {**fields, SIGNATURE: signature})


def checked(config: ProviderConfig, reply: Reply, signed: Sequence[str]) -> Mapping[str, str]:
    """The values as they were received: some clients divide the amount before they hash it."""
    said = read_reply(reply)
    if any("|" in said.get(f"vnp_{name}", "") for name in signed):
        raise UnusableReply("a field holds the character that divides fields")
    if not equal_digests(said.get(SIGNATURE, ""), mac(config, joined(said, signed))):
        raise UnusableReply("the signature does not fit")
    if not is_for_us(config, said):
        raise UnusableReply("for another merchant")
    return said


def response_code(said: Mapping[str, str]) -> str:
    return said.get("vnp_ResponseCode", "")


def is_for_us(config: ProviderConfig, said: Mapping[str, str]) -> bool:
    """Where no merchant is registered, none is compared."""
    ours = config.facts.get("tmn_code", "")
    return not ours or said.get("vnp_TmnCode", "") in {ours, ""}
