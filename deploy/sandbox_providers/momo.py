"""MoMo v2, played: what its documents say of each call, written down a second time."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from deploy.sandbox_providers.order import OrderStatus, SandboxOrder, SandboxRefund
from deploy.sandbox_providers.page import page_url
from deploy.sandbox_providers.paying import is_past
from deploy.sandbox_providers.player import Desk, SignedNotice
from deploy.sandbox_providers.refunding import (
    NotAnswered,
    ask_refund,
    find_paid,
    refund_order,
)

BAD_SIGNATURE: Final = 13
AMOUNT_OUT_OF_RANGE: Final = 22
ORDER_EXISTS: Final = 41
NOT_FOUND: Final = 42
WAITING: Final = 1000
DECLINED: Final = 1006
EXPIRED: Final = 1005
REFUND_FAILED: Final = 1080
RESULT_OF_ORDER: Final = {
    OrderStatus.CREATED: WAITING,
    OrderStatus.PAID: 0,
    OrderStatus.DECLINED: DECLINED,
}
RESULT_OF_REFUND: Final = {"succeeded": 0, "pending": 7002, "refused": REFUND_FAILED}
# Unless the order says otherwise.
LASTS_MINUTES: Final = 100
AMOUNTS: Final = (1_000, 50_000_000)


class MomoPlayer:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v2/gateway/api")

        @router.post("/create")
        async def create(request: Request) -> dict[str, Any]:
            return self._create(await request.json())

        @router.post("/query")
        async def query(request: Request) -> dict[str, Any]:
            return self._query(await request.json())

        @router.post("/refund")
        async def refund(request: Request) -> Response:
            return self._refund(await request.json())

        @router.post("/refund/query")
        async def query_refund(request: Request) -> dict[str, Any]:
            return self._query_refund(await request.json())

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice:
        paid = order.status is OrderStatus.PAID
        said = {
            "partnerCode": self._desk.facts["partner_code"],
            "orderId": order.order_reference,
            "requestId": order.facts["requestId"],
            "amount": order.paid_amount if paid else order.amount,
            "orderInfo": order.description,
            "orderType": "momo_wallet",
            "transId": int(order.provider_reference or 0),
            "resultCode": RESULT_OF_ORDER[order.status],
            "message": "Successful." if paid else "Transaction denied by user.",
            "payType": "qr",
            "responseTime": self._time(order),
            "extraData": "",
        }
        text = (
            f"accessKey={self._desk.secrets['access_key']}&amount={said['amount']}"
            f"&extraData=&message={said['message']}&orderId={said['orderId']}"
            f"&orderInfo={said['orderInfo']}&orderType=momo_wallet"
            f"&partnerCode={said['partnerCode']}&payType=qr&requestId={said['requestId']}"
            f"&responseTime={said['responseTime']}&resultCode={said['resultCode']}"
            f"&transId={said['transId']}"
        )
        body = json.dumps({**said, "signature": self._sign(text)}).encode()
        return SignedNotice(headers={"content-type": "application/json"}, body=body)

    def heard(self, status: int, body: bytes) -> bool:
        return status == 204

    def _create(self, said: dict[str, Any]) -> dict[str, Any]:
        text = (
            f"accessKey={self._desk.secrets['access_key']}&amount={said['amount']}"
            f"&extraData={said['extraData']}&ipnUrl={said['ipnUrl']}&orderId={said['orderId']}"
            f"&orderInfo={said['orderInfo']}&partnerCode={said['partnerCode']}"
            f"&redirectUrl={said['redirectUrl']}&requestId={said['requestId']}"
            f"&requestType={said['requestType']}"
        )
        if not self._is_signed(said, text):
            return self._answer(said, BAD_SIGNATURE)
        if not AMOUNTS[0] <= said["amount"] <= AMOUNTS[1]:
            return self._answer(said, AMOUNT_OUT_OF_RANGE)
        if self._desk.book.find(self._desk.name, said["orderId"]) is not None:
            return self._answer(said, ORDER_EXISTS)
        now = self._desk.clock.now()
        until = now + timedelta(minutes=said.get("orderExpireTime", LASTS_MINUTES))
        order = SandboxOrder(
            provider=self._desk.name,
            order_reference=said["orderId"],
            amount=said["amount"],
            description=said["orderInfo"],
            return_url=said["redirectUrl"],
            created_at=now,
            facts={
                "requestId": said["requestId"],
                "requestType": said["requestType"],
                "expires_at": until.isoformat(),
            },
        )
        self._desk.book.put(order)
        url = page_url(self._desk, order.order_reference)
        return self._answer(said, 0, amount=order.amount, payUrl=url)

    def _query(self, said: dict[str, Any]) -> dict[str, Any]:
        if not self._is_signed(said, self._question(said)):
            return self._answer(said, BAD_SIGNATURE)
        order = self._desk.book.find(self._desk.name, said["orderId"])
        if order is None:
            return self._answer(said, NOT_FOUND)
        waits = order.status is OrderStatus.CREATED
        return self._answer(
            said,
            EXPIRED if waits and is_past(self._desk, order) else RESULT_OF_ORDER[order.status],
            amount=order.paid_amount or order.amount,
            transId=int(order.provider_reference or 0),
            responseTime=self._time(order),
            extraData="",
            refundTrans=[],
        )

    def _refund(self, said: dict[str, Any]) -> Response:
        text = (
            f"accessKey={self._desk.secrets['access_key']}&amount={said['amount']}"
            f"&description={said['description']}&orderId={said['orderId']}"
            f"&partnerCode={said['partnerCode']}&requestId={said['requestId']}"
            f"&transId={said['transId']}"
        )
        if not self._is_signed(said, text):
            return _json(self._answer(said, BAD_SIGNATURE))
        order = find_paid(self._desk, str(said["transId"]))
        if order is None:
            return _json(self._answer(said, NOT_FOUND))
        try:
            made = refund_order(
                self._desk, order, refund_reference=said["orderId"], amount=said["amount"]
            )
        except NotAnswered:
            return Response(status_code=504)
        return _json(self._answer(said, RESULT_OF_REFUND[made.status], **_facts(made)))

    def _query_refund(self, said: dict[str, Any]) -> dict[str, Any]:
        if not self._is_signed(said, self._question(said)):
            return self._answer(said, BAD_SIGNATURE)
        refund = ask_refund(self._desk, said["orderId"])
        if refund is None:
            return self._answer(said, NOT_FOUND)
        code = RESULT_OF_REFUND[refund.status]
        part = {"orderId": refund.refund_reference, "resultCode": code, **_facts(refund)}
        return self._answer(said, code, **_facts(refund), refundTrans=[part])

    def _question(self, said: dict[str, Any]) -> str:
        return (
            f"accessKey={self._desk.secrets['access_key']}&orderId={said['orderId']}"
            f"&partnerCode={said['partnerCode']}&requestId={said['requestId']}"
        )

    def _answer(self, said: dict[str, Any], code: int, **more: Any) -> dict[str, Any]:
        return {
            "partnerCode": said["partnerCode"],
            "orderId": said["orderId"],
            "requestId": said["requestId"],
            "resultCode": code,
            "message": "Successful." if code == 0 else f"Result {code}.",
            "responseTime": int(self._desk.clock.now().timestamp() * 1000),
            **more,
        }

    def _is_signed(self, said: dict[str, Any], text: str) -> bool:
        known = said["partnerCode"] == self._desk.facts["partner_code"]
        return known and hmac.compare_digest(said["signature"], self._sign(text))

    def _sign(self, text: str) -> str:
        secret = self._desk.secrets["secret_key"]
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def _time(self, order: SandboxOrder) -> int:
        return int((order.paid_at or order.created_at).timestamp() * 1000)


def _facts(refund: SandboxRefund) -> dict[str, int]:
    return {"amount": refund.amount, "transId": int(refund.provider_reference)}


def _json(said: dict[str, Any]) -> Response:
    return Response(json.dumps(said), media_type="application/json")
