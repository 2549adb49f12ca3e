"""Casso, played: a webhook (v2) for each movement, and its transactions API."""

import hashlib
import hmac
import json
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query

from deploy.sandbox_providers.order import SandboxOrder
from deploy.sandbox_providers.player import Desk, SignedNotice
from deploy.sandbox_providers.transfers import moved_at


class Casso:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/v2/transactions")

        @router.get("/{id}")
        async def details(id: str, authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
            self._let_in(authorization)
            found = self._desk.book.find(self._desk.name, id)
            return _said(_listed(found) if found else None)

        @router.get("")
        async def listing(
            from_date: Annotated[str, Query(alias="fromDate")] = "",
            page: Annotated[int, Query(ge=1)] = 1,
            size: Annotated[int, Query(ge=1, le=100, alias="pageSize")] = 10,
            authorization: Annotated[str, Header()] = "",
        ) -> dict[str, Any]:
            self._let_in(authorization)
            movements = [
                _listed(one)
                for one in self._desk.book.list_orders(self._desk.name)
                if moved_at(one) >= from_date
            ]
            first = (page - 1) * size
            return _said(
                {
                    "page": page,
                    "pageSize": size,
                    "totalRecords": len(movements),
                    "records": movements[first : first + size],
                }
            )

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice:
        """Signed as Casso's PHP does: keys sorted, slashes and all beyond ASCII escaped."""
        webhook = {"error": 0, "data": _webhook(order)}
        milliseconds = int(self._desk.clock.now().timestamp() * 1000)
        spelled = json.dumps(webhook, sort_keys=True, separators=(",", ":")).replace("/", "\\/")
        signed = f"{milliseconds}.{spelled}".encode()
        code = hmac.new(self._desk.secrets["checksum_key"].encode(), signed, hashlib.sha512)
        return SignedNotice(
            headers={
                "content-type": "application/json",
                "x-casso-signature": f"t={milliseconds},v1={code.hexdigest()}",
            },
            body=json.dumps(webhook, ensure_ascii=False).encode(),
        )

    def heard(self, status: int, body: bytes) -> bool:
        return status == 200

    def _let_in(self, authorization: str) -> None:
        if authorization != f"Apikey {self._desk.secrets['api_key']}":
            raise HTTPException(401, "Unauthorized")


def _webhook(movement: SandboxOrder) -> dict[str, Any]:
    return {
        "id": int(movement.provider_reference),
        "reference": f"FT{movement.provider_reference}",
        "description": movement.description,
        "amount": _signed_amount(movement),
        "runningBalance": 0,
        "transactionDateTime": moved_at(movement),
        "accountNumber": movement.facts["account_number"],
        "bankName": "Vietcombank",
        "bankAbbreviation": "VCB",
        "virtualAccountNumber": movement.facts["virtual_account"],
        "virtualAccountName": "",
        "counterAccountName": "",
        "counterAccountNumber": "",
        "counterAccountBankId": "",
        "counterAccountBankName": "",
    }


def _listed(movement: SandboxOrder) -> dict[str, Any]:
    return {
        "id": int(movement.provider_reference),
        "tid": f"FT{movement.provider_reference}",
        "description": movement.description,
        "amount": _signed_amount(movement),
        "cusumBalance": 0,
        "when": moved_at(movement),
        "bankSubAccId": movement.facts["account_number"],
        "virtualAccount": movement.facts["virtual_account"],
    }


def _signed_amount(movement: SandboxOrder) -> int:
    return movement.paid_amount * (1 if movement.facts["direction"] == "in" else -1)


def _said(data: Any) -> dict[str, Any]:
    return {"error": 0, "message": "success", "data": data}
