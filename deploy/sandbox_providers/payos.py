"""PayOS, played: a link with a virtual account of its own, signed answers, and a webhook."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from chassis.clock import VIETNAM
from deploy.sandbox_providers.order import OrderStatus, SandboxOrder
from deploy.sandbox_providers.page import page_url
from deploy.sandbox_providers.paying import is_past
from deploy.sandbox_providers.player import Desk, SignedNotice

BANK_BIN: Final = "970422"
DONE: Final = "00"
BAD_SIGNATURE: Final = "201"
BAD_REQUEST: Final = "20"
ORDER_EXISTS: Final = "231"
NO_SUCH_LINK: Final = "101"
ORDER_CODE_MAX: Final = 9_007_199_254_740_991
NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
MEMO_LENGTH_MAX: Final = 25


class PayosPlayer:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v2/payment-requests")

        @router.post("")
        async def create(request: Request) -> Response:
            if not self._is_known(request):
                return Response(status_code=401)
            return self._create(await request.json())

        @router.get("/{order_code}")
        async def show(order_code: str, request: Request) -> Response:
            if not self._is_known(request):
                return Response(status_code=401)
            return self._show(order_code)

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice | None:
        """It tells of money that came and of nothing else: a cancelled link has to be asked for."""
        if order.status is not OrderStatus.PAID:
            return None
        data = {
            "orderCode": int(order.order_reference),
            **self._transfer(order),
            "currency": "VND",
            "paymentLinkId": order.facts["paymentLinkId"],
            "code": DONE,
            "desc": "Thành công",
        }
        said = {
            "code": DONE,
            "desc": "success",
            "success": True,
            "data": data,
            "signature": self._sign(_text_of(data)),
        }
        return SignedNotice(
            headers={"content-type": "application/json"},
            body=json.dumps(said, ensure_ascii=False).encode(),
        )

    def heard(self, status: int, body: bytes) -> bool:
        return 200 <= status < 300

    def _create(self, said: dict[str, Any]) -> Response:
        text = (
            f"amount={said['amount']}&cancelUrl={said['cancelUrl']}"
            f"&description={said['description']}&orderCode={said['orderCode']}"
            f"&returnUrl={said['returnUrl']}"
        )
        if not hmac.compare_digest(said["signature"], self._sign(text)):
            return _refusal(BAD_SIGNATURE, "Mã kiểm tra(signature) không hợp lệ")
        reference = str(said["orderCode"])
        if (
            not 0 < said["orderCode"] <= ORDER_CODE_MAX
            or len(said["description"]) > MEMO_LENGTH_MAX
        ):
            return _refusal(BAD_REQUEST, "Thông tin truyền lên không đúng")
        if self._desk.book.find(self._desk.name, reference) is not None:
            return _refusal(ORDER_EXISTS, "Đơn thanh toán đã tồn tại")
        order = SandboxOrder(
            provider=self._desk.name,
            order_reference=reference,
            amount=said["amount"],
            description=said["description"],
            return_url=said["returnUrl"],
            created_at=self._desk.clock.now(),
            facts={
                "paymentLinkId": self._desk.ids.new().hex,
                "expires_at": _until(said),
                "account": f"VQRQ{self._desk.ids.new().int % 10**12:012d}",
            },
        )
        self._desk.book.put(order)
        return self._signed(
            {
                "bin": BANK_BIN,
                "accountNumber": order.facts["account"],
                "accountName": "LEPHI",
                "amount": order.amount,
                "description": order.description,
                "orderCode": said["orderCode"],
                "currency": "VND",
                "paymentLinkId": order.facts["paymentLinkId"],
                "expiredAt": said.get("expiredAt"),
                "status": "PENDING",
                "checkoutUrl": page_url(self._desk, reference),
                "qrCode": "",
            }
        )

    def _show(self, order_code: str) -> Response:
        order = self._desk.book.find(self._desk.name, order_code)
        if order is None:
            return _refusal(NO_SUCH_LINK, "Mã thanh toán không tồn tại")
        paid = order.status is OrderStatus.PAID
        return self._signed(
            {
                "id": order.facts["paymentLinkId"],
                "orderCode": int(order_code),
                "amount": order.amount,
                "amountPaid": order.paid_amount,
                "amountRemaining": max(0, order.amount - order.paid_amount),
                "status": _status(self._desk, order),
                "createdAt": order.created_at.astimezone(VIETNAM).isoformat(),
                "transactions": [self._transfer(order)] if paid else [],
                "cancellationReason": None,
                "canceledAt": None,
            }
        )

    def _transfer(self, order: SandboxOrder) -> dict[str, Any]:
        at = (order.paid_at or order.created_at).astimezone(VIETNAM)
        return {
            "amount": order.paid_amount,
            "description": order.description,
            "accountNumber": self._desk.facts["account_number"],
            "reference": f"FT{order.provider_reference}",
            "transactionDateTime": at.strftime("%Y-%m-%d %H:%M:%S"),
            "virtualAccountName": "",
            "virtualAccountNumber": order.facts["account"],
            "counterAccountBankId": None,
            "counterAccountBankName": None,
            "counterAccountName": None,
            "counterAccountNumber": None,
        }

    def _is_known(self, request: Request) -> bool:
        given = (request.headers.get("x-client-id", ""), request.headers.get("x-api-key", ""))
        return given == (self._desk.facts["client_id"], self._desk.secrets["api_key"])

    def _signed(self, data: dict[str, Any]) -> Response:
        said = {"code": DONE, "desc": "success", "data": data}
        return _json({**said, "signature": self._sign(_text_of(data))})

    def _sign(self, text: str) -> str:
        secret = self._desk.secrets["checksum_key"]
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _until(said: dict[str, Any]) -> str:
    """PayOS closes a link when its maker said so, in seconds since 1970; else never."""
    closes = said.get("expiredAt")
    at = NEVER if closes is None else datetime.fromtimestamp(closes, UTC)
    return at.isoformat()


def _status(desk: Desk, order: SandboxOrder) -> str:
    if order.status is OrderStatus.DECLINED:
        return "CANCELLED"
    if order.status is OrderStatus.CREATED:
        return "EXPIRED" if is_past(desk, order) else "PENDING"
    return "PAID" if order.paid_amount >= order.amount else "UNDERPAID"


def _text_of(data: dict[str, Any]) -> str:
    words = []
    for name in sorted(data):
        value = data[name]
        if isinstance(value, list):
            value = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        words.append(f"{name}={'' if value is None else value}")
    return "&".join(words)


def _refusal(code: str, desc: str) -> Response:
    return _json({"code": code, "desc": desc, "data": None})


def _json(said: dict[str, Any]) -> Response:
    return Response(json.dumps(said, ensure_ascii=False), media_type="application/json")
