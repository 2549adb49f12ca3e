"""vietqr.vn, played: fetches a token from the platform and tells of movements with it; makes codes
and answers about orders to whoever has a token of its own."""

import hashlib
import json
from base64 import b64encode
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, HTTPException
from pydantic import BaseModel

from deploy.sandbox_providers.order import OrderStatus, SandboxOrder
from deploy.sandbox_providers.page import page_url
from deploy.sandbox_providers.player import Desk, SignedNotice

TOKEN_SECONDS: Final = 300
STATUS: Final = {OrderStatus.CREATED: 0, OrderStatus.PAID: 1, OrderStatus.DECLINED: 2}


class CodeBody(BaseModel):
    bankCode: str  # noqa: N815
    bankAccount: str  # noqa: N815
    userBankName: str  # noqa: N815
    content: str
    qrType: int  # noqa: N815
    amount: int
    orderId: str  # noqa: N815
    transType: str  # noqa: N815


class CheckBody(BaseModel):
    bankAccount: str  # noqa: N815
    type: int
    value: str
    checkSum: str  # noqa: N815


class VietQr:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/vqr/api")

        @router.post("/token_generate")
        async def token(authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
            if authorization != self._basic("api_username", "api_password"):
                raise HTTPException(401, "E05")
            return {
                "access_token": self._own_token(),
                "token_type": "Bearer",
                "expires_in": TOKEN_SECONDS,
            }

        @router.post("/qr/generate-customer")
        async def code(
            body: CodeBody, authorization: Annotated[str, Header()] = ""
        ) -> dict[str, Any]:
            self._let_in(authorization)
            order = self._desk.book.put(
                SandboxOrder(
                    provider=self._desk.name,
                    order_reference=body.orderId,
                    amount=body.amount,
                    description=body.content,
                    return_url="",
                    created_at=self._desk.clock.now(),
                    facts={
                        "account_number": body.bankAccount,
                        "order_id": body.orderId,
                        "direction": "in",
                    },
                )
            )
            return {
                "bankCode": body.bankCode,
                "bankAccount": body.bankAccount,
                "amount": str(body.amount),
                "content": body.content,
                "transactionId": self._desk.ids.new().hex,
                "qrLink": page_url(self._desk, order.order_reference),
            }

        @router.post("/transactions/check-order")
        async def check(
            body: CheckBody, authorization: Annotated[str, Header()] = ""
        ) -> list[dict[str, Any]]:
            self._let_in(authorization)
            summed = f"{body.bankAccount}{self._desk.secrets['api_username']}".encode()
            if body.checkSum != hashlib.md5(summed, usedforsecurity=False).hexdigest():
                raise HTTPException(400, "E39")
            return [
                _checked(one)
                for one in self._desk.book.list_orders(self._desk.name)
                if one.facts["account_number"] == body.bankAccount
                and body.value == (_reference(one) if body.type else one.facts.get("order_id"))
            ]

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice:
        """Both spellings are about: an even amount is told in the older one."""
        said = _movement(order)
        if order.paid_amount % 2 == 0:
            said = {_OLDER.get(name, name): value for name, value in said.items()}
        headers = {"content-type": "application/json"}
        return SignedNotice(
            path="/bank/api/transaction-sync",
            headers=headers,
            body=json.dumps(said, ensure_ascii=False).encode(),
            sign_in=SignedNotice(
                path="/api/token_generate",
                headers={"authorization": self._basic("username", "password")},
            ),
        )

    def heard(self, status: int, body: bytes) -> bool:
        try:
            said = json.loads(body)
        except ValueError:
            return False
        return status == 200 and isinstance(said, dict) and said.get("error") is False

    def _basic(self, name: str, password: str) -> str:
        pair = f"{self._desk.secrets[name]}:{self._desk.secrets[password]}"
        return f"Basic {b64encode(pair.encode()).decode()}"

    def _own_token(self) -> str:
        """A sandbox's token need not expire."""
        return hashlib.sha256(self._desk.secrets["api_password"].encode()).hexdigest()

    def _let_in(self, authorization: str) -> None:
        if authorization != f"Bearer {self._own_token()}":
            raise HTTPException(401, "E74")


_OLDER: Final = {
    "bankaccount": "bankAccount",
    "transactionid": "transactionId",
    "transactiontime": "transactionTime",
    "referencenumber": "referenceNumber",
}


def _reference(order: SandboxOrder) -> str:
    return f"FT{order.provider_reference}" if order.provider_reference else ""


def _milliseconds(order: SandboxOrder) -> int:
    return int((order.paid_at or order.created_at).timestamp() * 1000)


def _movement(order: SandboxOrder) -> dict[str, Any]:
    return {
        "bankaccount": order.facts["account_number"],
        "amount": order.paid_amount,
        "transType": "C" if order.facts["direction"] == "in" else "D",
        "content": order.description,
        "transactionid": f"VQR{order.provider_reference}",
        "transactiontime": _milliseconds(order),
        "referencenumber": _reference(order),
        "orderId": order.facts.get("order_id", ""),
        "terminalCode": "",
        "subTerminalCode": "",
        "serviceCode": "",
        "urlLink": "",
        "sign": "",
    }


def _checked(order: SandboxOrder) -> dict[str, Any]:
    is_paid = order.status is OrderStatus.PAID
    return {
        "referenceNumber": _reference(order) if is_paid else "",
        "orderId": order.facts.get("order_id", ""),
        "amount": str(order.paid_amount if is_paid else order.amount),
        "content": order.description,
        "transType": "C" if order.facts["direction"] == "in" else "D",
        "status": STATUS[order.status],
        "type": 0,
        "timeCreated": int(order.created_at.timestamp() * 1000),
        "timePaid": _milliseconds(order) if is_paid else 0,
        "terminalCode": "",
        "note": "",
        "refundCount": 0,
        "amountRefund": 0,
    }
