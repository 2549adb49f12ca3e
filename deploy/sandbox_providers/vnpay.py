"""VNPAY 2.1.0, played: its pay page, its IPN, `querydr` and `refund`.

Written from VNPAY's side and knowing nothing of our adapter, so that a mistake of one shows.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote_plus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from chassis.clock import VIETNAM
from deploy.sandbox_providers.flat_texts import local_time, texts_of
from deploy.sandbox_providers.order import OrderStatus, SandboxOrder, SandboxRefund
from deploy.sandbox_providers.page import page_url
from deploy.sandbox_providers.paying import is_past
from deploy.sandbox_providers.player import Desk, SignedNotice
from deploy.sandbox_providers.refunding import (
    PENDING,
    REFUSED,
    SUCCEEDED,
    NotAnswered,
    ask_refund,
    refund_order,
)

TIME: Final = "%Y%m%d%H%M%S"
HASH: Final = "vnp_SecureHash"
ASKED_WORDS: Final = (
    "RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo"
)
REFUND_WORDS: Final = (
    "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo"
    " TransactionDate CreateBy CreateDate IpAddr OrderInfo"
)
SAID_WORDS: Final = (
    "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate"
    " TransactionNo TransactionType TransactionStatus OrderInfo"
)
MESSAGES: Final[Mapping[str, str]] = {
    "00": "Success",
    "02": "Invalid TmnCode",
    "03": "Invalid format",
    "91": "Transaction not found",
    "94": "Duplicate request",
    "95": "Refund refused",
    "97": "Invalid signature",
}
PAID: Final = ("00", "00")
CANCELLED: Final = ("24", "02")
OPEN: Final = ("99", "01")


class Refused(Exception):
    """With the code that VNPAY answers."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Vnpay:
    desk: Desk

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.get("/paymentv2/vpcpay.html")
        async def pay(request: Request) -> Response:
            fields = dict(request.query_params.multi_items())
            try:
                order = self._open(fields)
            except Refused as refused:
                return Response(f"VNPAY: {MESSAGES[refused.code]}", status_code=400)
            return Response(
                status_code=303,
                headers={"location": page_url(self.desk, order.order_reference)},
            )

        @router.post("/merchant_webapi/api/transaction")
        async def transaction(request: Request) -> Response:
            asked = texts_of(await request.body())
            command = asked.get("vnp_Command", "")
            try:
                if command == "refund":
                    return self._refund(asked)
                return self._answer(command, asked, self._look_up(asked), promotion=True)
            except Refused as refused:
                said = {"ResponseCode": refused.code, "TxnRef": asked.get("vnp_TxnRef", "")}
                return self._answer(command, asked, said, promotion=command != "refund")

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice:
        return SignedNotice(method="GET", query=self._outcome(order))

    def heard(self, status: int, body: bytes) -> bool:
        return status == 200 and texts_of(body).get("RspCode") in {"00", "02"}

    def way_back(self, order: SandboxOrder) -> str:
        joint = "&" if "?" in order.return_url else "?"
        return order.return_url + joint + self._outcome(order)

    def _outcome(self, order: SandboxOrder) -> str:
        paid = order.status is OrderStatus.PAID
        codes = {OrderStatus.PAID: PAID, OrderStatus.DECLINED: CANCELLED}.get(order.status, OPEN)
        fields = {
            "vnp_TmnCode": self.desk.facts.get("tmn_code", "DEVTMN01"),
            "vnp_Amount": str((order.paid_amount if paid else order.amount) * 100),
            "vnp_BankCode": order.facts.get("bank_code", "NCB"),
            "vnp_BankTranNo": f"VNP{order.provider_reference}" if paid else "",
            "vnp_CardType": "ATM",
            "vnp_OrderInfo": order.description,
            "vnp_PayDate": local_time(order.paid_at or order.created_at),
            "vnp_ResponseCode": codes[0],
            "vnp_TransactionNo": order.provider_reference if paid else "0",
            "vnp_TransactionStatus": codes[1],
            "vnp_TxnRef": order.order_reference,
        }
        text = _sorted_query(fields.items())
        return f"{text}&{HASH}={self._mac(text)}"

    def _open(self, fields: Mapping[str, str]) -> SandboxOrder:
        text = _sorted_query(
            (name, value)
            for name, value in fields.items()
            if name not in (HASH, "vnp_SecureHashType")
        )
        if not hmac.compare_digest(self._mac(text), fields.get(HASH, "").lower()):
            raise Refused("97")
        if fields.get("vnp_TmnCode") != self.desk.facts.get("tmn_code"):
            raise Refused("02")
        amount, rest = divmod(int(fields.get("vnp_Amount", "0")), 100)
        wanted = (fields.get("vnp_Version"), fields.get("vnp_Command"), fields.get("vnp_CurrCode"))
        if rest or amount <= 0 or wanted != ("2.1.0", "pay", "VND"):
            raise Refused("03")
        known = self.desk.book.find(self.desk.name, fields["vnp_TxnRef"])
        if known is not None:
            return known
        expires_at = datetime.strptime(fields["vnp_ExpireDate"], TIME).replace(tzinfo=VIETNAM)
        return self.desk.book.put(
            SandboxOrder(
                provider=self.desk.name,
                order_reference=fields["vnp_TxnRef"],
                amount=amount,
                description=fields["vnp_OrderInfo"],
                return_url=fields["vnp_ReturnUrl"],
                created_at=self.desk.clock.now(),
                facts={
                    "create_date": fields["vnp_CreateDate"],
                    "bank_code": fields.get("vnp_BankCode", "NCB"),
                    "expires_at": expires_at.isoformat(),
                },
            )
        )

    def _find(self, asked: Mapping[str, str], words: str) -> SandboxOrder:
        """The order that a signed question is about, by reference and date."""
        text = "|".join(asked.get(f"vnp_{word}", "") for word in words.split())
        if not hmac.compare_digest(self._mac(text), asked.get(HASH, "").lower()):
            raise Refused("97")
        if asked.get("vnp_TmnCode") != self.desk.facts.get("tmn_code"):
            raise Refused("02")
        if asked.get("vnp_Version") != "2.1.0" or not asked.get("vnp_RequestId"):
            raise Refused("03")
        order = self.desk.book.find(self.desk.name, asked.get("vnp_TxnRef", ""))
        if order is None or order.facts.get("create_date") != asked.get("vnp_TransactionDate"):
            raise Refused("91")
        return order

    def _look_up(self, asked: Mapping[str, str]) -> dict[str, str]:
        if asked.get("vnp_Command") != "querydr":
            raise Refused("03")
        order = self._find(asked, ASKED_WORDS)
        for refund in self.desk.book.list_refunds(self.desk.name):
            if refund.order_reference == order.order_reference and refund.status != REFUSED:
                shown = ask_refund(self.desk, refund.refund_reference)
                return self._refund_facts(order, shown or refund)
        paid = order.status is OrderStatus.PAID
        status = {OrderStatus.PAID: "00", OrderStatus.DECLINED: "02"}.get(order.status, "01")
        if status == "01" and is_past(self.desk, order):
            status = "02"
        return {
            "ResponseCode": "00",
            "TxnRef": order.order_reference,
            "Amount": str((order.paid_amount if paid else order.amount) * 100),
            "BankCode": order.facts.get("bank_code", ""),
            "PayDate": local_time(order.paid_at) if order.paid_at else "",
            "TransactionNo": order.provider_reference if paid else "0",
            "TransactionType": "01",
            "TransactionStatus": status,
            "OrderInfo": order.description,
        }

    def _refund(self, asked: Mapping[str, str]) -> Response:
        order = self._find(asked, REFUND_WORDS)
        name = asked["vnp_RequestId"]
        if self.desk.book.find_refund(self.desk.name, name) is not None:
            raise Refused("94")
        amount, rest = divmod(int(asked.get("vnp_Amount", "0")), 100)
        whole = asked.get("vnp_TransactionType") == "02"
        if rest or amount <= 0 or whole != (amount == order.paid_amount):
            raise Refused("03")
        if order.status is not OrderStatus.PAID:
            raise Refused("95")
        try:
            refund = refund_order(self.desk, order, refund_reference=name, amount=amount)
        except NotAnswered:
            return Response(status_code=504)
        if refund.status == REFUSED:
            raise Refused("95")
        return self._answer("refund", asked, self._refund_facts(order, refund), promotion=False)

    def _refund_facts(self, order: SandboxOrder, refund: SandboxRefund) -> dict[str, str]:
        return {
            "ResponseCode": "00",
            "TxnRef": order.order_reference,
            "Amount": str(refund.amount * 100),
            "BankCode": order.facts.get("bank_code", ""),
            "PayDate": local_time(refund.made_at),
            "TransactionNo": refund.provider_reference,
            "TransactionType": "02" if refund.amount == order.paid_amount else "03",
            "TransactionStatus": {SUCCEEDED: "00", PENDING: "05"}[refund.status],
            "OrderInfo": order.description,
        }

    def _answer(
        self, command: str, asked: Mapping[str, str], said: dict[str, str], *, promotion: bool
    ) -> Response:
        whole = {
            "ResponseId": self.desk.ids.new().hex,
            "Command": command,
            "Message": MESSAGES[said["ResponseCode"]],
            "TmnCode": asked.get("vnp_TmnCode", ""),
            **said,
        }
        words = SAID_WORDS.split() + (["PromotionCode", "PromotionAmount"] if promotion else [])
        text = "|".join(whole.get(word, "") for word in words)
        body = {f"vnp_{word}": value for word, value in whole.items()}
        return JSONResponse({**body, HASH: self._mac(text)})

    def _mac(self, text: str) -> str:
        key = self.desk.secrets["hash_secret"].encode()
        return hmac.new(key, text.encode(), hashlib.sha512).hexdigest()


def _sorted_query(fields: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={quote_plus(value)}" for name, value in sorted(fields) if value != "")
