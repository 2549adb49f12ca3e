"""VNPT Pay 1.0.6, played: an order's page, `query`, and an IPN that wants a signed answer."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from deploy.sandbox_providers.flat_texts import local_time, piped_sha256, texts_of
from deploy.sandbox_providers.order import OrderStatus, SandboxOrder
from deploy.sandbox_providers.page import page_url
from deploy.sandbox_providers.paying import is_past
from deploy.sandbox_providers.player import Desk, SignedNotice

VERSION: Final = "1.0.6"
CODE: Final = "SECURE_CODE"
PAGE_LASTS: Final = timedelta(minutes=15)
ORDERED: Final = (
    "ACTION VERSION MERCHANT_SERVICE_ID MERCHANT_ORDER_ID AMOUNT PAYMENT_ACTION SERVICE_CATEGORY"
    " CHANNEL_ID DEVICE LOCALE CURRENCY_CODE PAYMENT_METHOD DESCRIPTION CREATE_DATE CLIENT_IP"
)
QUESTION: Final = "ACTION VERSION MERCHANT_SERVICE_ID MERCHANT_ORDER_ID CREATE_DATE"
REPORT: Final = (
    "ACTION RESPONSE_CODE MERCHANT_SERVICE_ID MERCHANT_ORDER_ID AMOUNT CURRENCY_CODE"
    " VNPTPAY_TRANSACTION_ID PAYMENT_METHOD PAY_DATE ADDITIONAL_INFO"
)
REPLY: Final = "RESPONSE_CODE DESCRIPTION MERCHANT_SERVICE_ID MERCHANT_ORDER_ID CREATE_DATE"


@dataclass(frozen=True, slots=True)
class VnptPay:
    desk: Desk

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.post("/pay_qrcode")
        async def create(request: Request) -> Response:
            asked = texts_of(await request.body())
            refusal = self._refusal(request, asked, ORDERED)
            if refusal is None and not (asked["AMOUNT"].isdigit() and int(asked["AMOUNT"]) > 0):
                refusal = "04"
            if refusal is not None:
                return self._say(asked, refusal)
            order = self._keep(asked)
            return self._say(asked, "00", REDIRECT_URL=page_url(self.desk, order.order_reference))

        @router.post("/query")
        async def query(request: Request) -> Response:
            asked = texts_of(await request.body())
            refusal = self._refusal(request, asked, QUESTION)
            if refusal is not None:
                return self._say(asked, refusal)
            order = self.desk.book.find(self.desk.name, asked["MERCHANT_ORDER_ID"])
            if order is None or order.facts.get("create_date") != asked["CREATE_DATE"]:
                return self._say(asked, "01")
            said = {**self._report(order, "QUERY"), "RESPONSE_CODE": "00"}
            said["TRANSACTION_STATUS"] = self._status(order)
            digest = self._digest(said, f"{REPORT} TRANSACTION_STATUS")
            return JSONResponse({**said, CODE: digest})

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice:
        said = self._report(order, "PAY")
        # This one writes its digests in capitals.
        whole = {**said, CODE: self._digest(said, REPORT).upper()}
        return SignedNotice(
            headers={"content-type": "application/json"}, body=json.dumps(whole).encode()
        )

    def heard(self, status: int, body: bytes) -> bool:
        """Only a success that the merchant itself has signed."""
        said = texts_of(body)
        signed = hmac.compare_digest(self._digest(said, REPLY), said.get(CODE, "").lower())
        return status == 200 and signed and said.get("RESPONSE_CODE") == "00"

    def _refusal(self, request: Request, asked: Mapping[str, str], words: str) -> str | None:
        key = self.desk.secrets.get("api_key")
        if key and request.headers.get("authorization") != f"Bearer {key}":
            return "96"
        if not hmac.compare_digest(self._digest(asked, words), asked.get(CODE, "").lower()):
            return "97"
        ours = self.desk.facts.get("merchant_service_id")
        known = asked["VERSION"] == VERSION and asked["MERCHANT_SERVICE_ID"] == ours
        return None if known else "02"

    def _keep(self, asked: Mapping[str, str]) -> SandboxOrder:
        now = self.desk.clock.now()
        known = self.desk.book.find(self.desk.name, asked["MERCHANT_ORDER_ID"])
        return known or self.desk.book.put(
            SandboxOrder(
                provider=self.desk.name,
                order_reference=asked["MERCHANT_ORDER_ID"],
                amount=int(asked["AMOUNT"]),
                description=asked["DESCRIPTION"],
                return_url=asked.get("MERCHANT_DATA", ""),
                created_at=now,
                facts={
                    "create_date": asked["CREATE_DATE"],
                    "expires_at": (now + PAGE_LASTS).isoformat(),
                },
            )
        )

    def _status(self, order: SandboxOrder) -> str:
        if order.status is OrderStatus.PAID:
            return "00"
        return "02" if order.status is OrderStatus.DECLINED or is_past(self.desk, order) else "01"

    def _report(self, order: SandboxOrder, action: str) -> dict[str, str]:
        paid = order.status is OrderStatus.PAID
        return {
            "ACTION": action,
            "RESPONSE_CODE": "00" if paid else "24",
            "MERCHANT_SERVICE_ID": self.desk.facts.get("merchant_service_id", "1001"),
            "MERCHANT_ORDER_ID": order.order_reference,
            "AMOUNT": str(order.paid_amount if paid else order.amount),
            "CURRENCY_CODE": "VND",
            "VNPTPAY_TRANSACTION_ID": order.provider_reference,
            "PAYMENT_METHOD": "VNPTPAY",
            "PAY_DATE": local_time(order.paid_at or order.created_at),
            "ADDITIONAL_INFO": order.description,
        }

    def _say(self, asked: Mapping[str, str], code: str, **more: str) -> Response:
        said = {
            "RESPONSE_CODE": code,
            "DESCRIPTION": "Success" if code == "00" else "Refused",
            "MERCHANT_SERVICE_ID": asked.get("MERCHANT_SERVICE_ID", ""),
            "MERCHANT_ORDER_ID": asked.get("MERCHANT_ORDER_ID", ""),
            "CREATE_DATE": local_time(self.desk.clock.now()),
        }
        return JSONResponse({**said, **more, CODE: self._digest(said, REPLY)})

    def _digest(self, said: Mapping[str, str], words: str) -> str:
        return piped_sha256(said, words, self.desk.secrets["secret_key"])
