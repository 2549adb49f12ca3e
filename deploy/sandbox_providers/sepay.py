"""SePay, played: a webhook for each movement, and its transactions API."""

import hashlib
import hmac
import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, HTTPException, Query

from deploy.sandbox_providers.order import SandboxOrder
from deploy.sandbox_providers.player import Desk, SignedNotice
from deploy.sandbox_providers.transfers import moved_at

LISTED_MAX: Final = 5000


class SePay:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/userapi/transactions")

        @router.get("/details/{id}")
        async def details(id: str, authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
            self._let_in(authorization)
            found = self._desk.book.find(self._desk.name, id)
            return _said({"transaction": _listed(found) if found else None})

        @router.get("/list")
        async def listing(
            transaction_date_min: str = "",
            account_number: str = "",
            limit: Annotated[int, Query(ge=1, le=LISTED_MAX)] = LISTED_MAX,
            authorization: Annotated[str, Header()] = "",
        ) -> dict[str, Any]:
            self._let_in(authorization)
            movements = [
                one
                for one in self._desk.book.list_orders(self._desk.name)
                if moved_at(one) >= transaction_date_min
                and account_number in ("", one.facts["account_number"])
            ]
            return _said({"transactions": [_listed(one) for one in movements[:limit]]})

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice:
        """SePay names a movement and no notice: a repeat differs by its time stamp alone."""
        body = json.dumps(_webhook(order), ensure_ascii=False).encode()
        seconds = str(int(self._desk.clock.now().timestamp()))
        secret = self._desk.secrets["webhook_secret"].encode()
        code = hmac.new(secret, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
        return SignedNotice(
            headers={
                "content-type": "application/json",
                "x-sepay-timestamp": seconds,
                "x-sepay-signature": f"sha256={code}",
            },
            body=body,
        )

    def heard(self, status: int, body: bytes) -> bool:
        try:
            said = json.loads(body)
        except ValueError:
            return False
        return status in (200, 201) and isinstance(said, dict) and said.get("success") is True

    def _let_in(self, authorization: str) -> None:
        if authorization != f"Bearer {self._desk.secrets['api_token']}":
            raise HTTPException(401, "Unauthorized")


def _webhook(movement: SandboxOrder) -> dict[str, Any]:
    return {
        "id": int(movement.provider_reference),
        "gateway": "Vietcombank",
        "transactionDate": moved_at(movement),
        "accountNumber": movement.facts["account_number"],
        "code": None,
        "content": movement.description,
        "transferType": movement.facts["direction"],
        "transferAmount": movement.paid_amount,
        "accumulated": 0,
        "subAccount": movement.facts["virtual_account"] or None,
        "referenceCode": f"MBVCB.{movement.provider_reference}",
        "description": "",
    }


def _listed(movement: SandboxOrder) -> dict[str, Any]:
    """The API writes numbers as text, with hundredths."""
    amount, came_in = f"{movement.paid_amount}.00", movement.facts["direction"] == "in"
    return {
        "id": movement.provider_reference,
        "bank_brand_name": "Vietcombank",
        "account_number": movement.facts["account_number"],
        "transaction_date": moved_at(movement),
        "amount_in": amount if came_in else "0.00",
        "amount_out": "0.00" if came_in else amount,
        "accumulated": "0.00",
        "transaction_content": movement.description,
        "reference_number": f"MBVCB.{movement.provider_reference}",
        "code": None,
        "sub_account": movement.facts["virtual_account"] or None,
        "bank_account_id": "1",
    }


def _said(facts: dict[str, Any]) -> dict[str, Any]:
    return {"status": 200, "error": None, "messages": {"success": True}, **facts}
