"""ZaloPay v2, played: forms in, JSON out, and a callback for payments alone."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from deploy.sandbox_providers.order import OrderStatus, SandboxOrder
from deploy.sandbox_providers.page import page_url
from deploy.sandbox_providers.paying import is_past
from deploy.sandbox_providers.player import Desk, SignedNotice
from deploy.sandbox_providers.refunding import (
    NotAnswered,
    ask_refund,
    find_paid,
    refund_order,
)

DONE: Final = 1
REFUSED: Final = 2
UNDER_WAY: Final = 3
BAD_MAC: Final = -402
BAD_AMOUNT: Final = -401
ORDER_EXISTS: Final = -68
NOT_FOUND: Final = -101
DECLINED: Final = -217
EXPIRED: Final = -54
# Unless the order says otherwise.
LASTS_SECONDS: Final = 900
FORGOTTEN_BY_NONE: Final = ("app_time", "app_user", "embed_data", "bank_code")
OF_REFUSAL: Final = -1
CODE_OF_ORDER: Final = {
    OrderStatus.CREATED: UNDER_WAY,
    OrderStatus.PAID: DONE,
    OrderStatus.DECLINED: REFUSED,
}
CODE_OF_REFUND: Final = {"succeeded": DONE, "pending": UNDER_WAY, "refused": REFUSED}

Form = dict[str, str]


class ZalopayPlayer:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v2")

        @router.post("/create")
        async def create(request: Request) -> dict[str, Any]:
            return self._create(await _form(request))

        @router.post("/query")
        async def query(request: Request) -> dict[str, Any]:
            return self._query(await _form(request))

        @router.post("/refund")
        async def refund(request: Request) -> Response:
            return self._refund(await _form(request))

        @router.post("/query_refund")
        async def query_refund(request: Request) -> dict[str, Any]:
            return self._query_refund(await _form(request))

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice | None:
        """Who declines is not told of: the merchant has to ask."""
        if order.status is not OrderStatus.PAID or order.paid_at is None:
            return None
        data = json.dumps(
            {
                "app_id": int(self._desk.facts["app_id"]),
                "app_trans_id": order.order_reference,
                "app_time": int(order.facts["app_time"]),
                "app_user": order.facts["app_user"],
                "amount": order.paid_amount,
                "embed_data": order.facts["embed_data"],
                "item": "[]",
                "zp_trans_id": int(order.provider_reference),
                "server_time": int(order.paid_at.timestamp() * 1000),
                "channel": 38,
                "merchant_user_id": "",
                "user_fee_amount": 0,
                "discount_amount": 0,
            },
            separators=(",", ":"),
        )
        said = {"data": data, "mac": self._mac("key2", data), "type": 1}
        return SignedNotice(
            headers={"content-type": "application/json"}, body=json.dumps(said).encode()
        )

    def heard(self, status: int, body: bytes) -> bool:
        try:
            said = json.loads(body)
        except ValueError:
            return False
        return isinstance(said, dict) and said.get("return_code") in (1, 2)

    def _create(self, form: Form) -> dict[str, Any]:
        text = (
            f"{form['app_id']}|{form['app_trans_id']}|{form['app_user']}|{form['amount']}"
            f"|{form['app_time']}|{form['embed_data']}|{form['item']}"
        )
        if not self._is_ours(form, text):
            return _answer(REFUSED, sub=BAD_MAC)
        if int(form["amount"]) < 1:
            return _answer(REFUSED, sub=BAD_AMOUNT)
        if self._desk.book.find(self._desk.name, form["app_trans_id"]) is not None:
            return _answer(REFUSED, sub=ORDER_EXISTS)
        now = self._desk.clock.now()
        until = now + timedelta(seconds=int(form.get("expire_duration_seconds", LASTS_SECONDS)))
        order = SandboxOrder(
            provider=self._desk.name,
            order_reference=form["app_trans_id"],
            amount=int(form["amount"]),
            description=form["description"],
            return_url=json.loads(form["embed_data"])["redirecturl"],
            created_at=now,
            facts={
                "expires_at": until.isoformat(),
                **{name: form[name] for name in FORGOTTEN_BY_NONE},
            },
        )
        self._desk.book.put(order)
        url = page_url(self._desk, order.order_reference)
        return _answer(DONE, order_url=url, zp_trans_token=self._desk.ids.new().hex)

    def _query(self, form: Form) -> dict[str, Any]:
        key1 = self._desk.secrets["key1"]
        if not self._is_ours(form, f"{form['app_id']}|{form['app_trans_id']}|{key1}"):
            return _answer(REFUSED, sub=BAD_MAC)
        order = self._desk.book.find(self._desk.name, form["app_trans_id"])
        if order is None:
            return _answer(REFUSED, sub=NOT_FOUND)
        at = order.paid_at or order.created_at
        waits = order.status is OrderStatus.CREATED
        past = waits and is_past(self._desk, order)
        return _answer(
            REFUSED if past else CODE_OF_ORDER[order.status],
            sub=EXPIRED if past else DECLINED if order.status is OrderStatus.DECLINED else 0,
            is_processing=False,
            amount=order.paid_amount,
            discount_amount=0,
            zp_trans_id=int(order.provider_reference or 0),
            server_time=int(at.timestamp() * 1000),
        )

    def _refund(self, form: Form) -> Response:
        text = (
            f"{form['app_id']}|{form['zp_trans_id']}|{form['amount']}"
            f"|{form['description']}|{form['timestamp']}"
        )
        if not self._is_ours(form, text):
            return _json(_answer(REFUSED, sub=BAD_MAC))
        order = find_paid(self._desk, form["zp_trans_id"])
        if order is None:
            return _json(_answer(REFUSED, sub=NOT_FOUND))
        try:
            made = refund_order(
                self._desk,
                order,
                refund_reference=form["m_refund_id"],
                amount=int(form["amount"]),
            )
        except NotAnswered:
            return Response(status_code=504)
        code = CODE_OF_REFUND[made.status]
        return _json(_answer(code, refund_id=int(made.provider_reference)))

    def _query_refund(self, form: Form) -> dict[str, Any]:
        if not self._is_ours(form, f"{form['app_id']}|{form['m_refund_id']}|{form['timestamp']}"):
            return _answer(REFUSED, sub=BAD_MAC)
        refund = ask_refund(self._desk, form["m_refund_id"])
        if refund is None:
            return _answer(REFUSED, sub=NOT_FOUND)
        return _answer(CODE_OF_REFUND[refund.status], refund_id=int(refund.provider_reference))

    def _is_ours(self, form: Form, text: str) -> bool:
        known = form["app_id"] == self._desk.facts["app_id"]
        return known and hmac.compare_digest(form["mac"], self._mac("key1", text))

    def _mac(self, key: str, text: str) -> str:
        secret = self._desk.secrets[key]
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


async def _form(request: Request) -> Form:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _answer(code: int, *, sub: int = 0, **more: Any) -> dict[str, Any]:
    said = {DONE: "success", REFUSED: "failed", UNDER_WAY: "processing"}[code]
    return {
        "return_code": code,
        "return_message": said,
        "sub_return_code": sub or (OF_REFUSAL if code == REFUSED else DONE),
        "sub_return_message": said,
        **more,
    }


def _json(said: dict[str, Any]) -> Response:
    return Response(json.dumps(said), media_type="application/json")
