"""Viettel SInvoice, played: JSON over HTTP, refusals as 400 with a code in `message`."""

import base64
import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from deploy.sandbox_issuers.behaviour import Behaviour, Mode, misbehave
from deploy.sandbox_issuers.book import Draft, Issued, State
from deploy.sandbox_issuers.desk import Desk
from deploy.sandbox_issuers.pages import page_pdf, viettel_zip

VIETNAM: Final = dt.timezone(dt.timedelta(hours=7))
STATUS: Final[Mapping[State, str]] = {
    State.ISSUED: "Hóa đơn gốc",
    State.REPLACED: "Hóa đơn bị thay thế",
    State.ADJUSTED: "Hóa đơn bị điều chỉnh",
    State.CANCELLED: "Hóa đơn xóa bỏ",
}
BECOMES: Final[Mapping[str, State]] = {"3": State.REPLACED, "5": State.ADJUSTED}
OVER: Final = frozenset({State.REPLACED, State.CANCELLED})
Said = Mapping[str, Any]


class Viettel:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._token = desk.ids.token(24)

    def router(self) -> APIRouter:
        router = APIRouter()
        service = "/InvoiceAPI/InvoiceWS"

        @router.post("/auth/login")
        async def log_in(request: Request) -> Response:
            said = await request.json()
            known = (said.get("username"), said.get("password")) == self._pair()
            if not known:
                return JSONResponse({"code": 401, "message": "UNAUTHORIZED"}, status_code=401)
            return JSONResponse({"access_token": self._token, "expires_in": 300})

        @router.post(f"{service}/createInvoice/{{tax_code}}")
        async def create(tax_code: str, request: Request) -> Response:
            said = json.loads(await request.body())
            if tax_code != self._desk.facts["supplier_tax_code"]:
                return _refused("TAX_CODE_INVALID")
            return await self._play("createInvoice", request, lambda told: self._create(said, told))

        @router.post(f"{service}/searchInvoiceByTransactionUuid")
        async def search(request: Request) -> Response:
            said = _form(await request.body())
            return await self._play("search", request, lambda told: self._search(said, told))

        @router.post(f"{service}/cancelTransactionInvoice")
        async def cancel(request: Request) -> Response:
            said = _form(await request.body())
            return await self._play("cancel", request, lambda _told: self._cancel(said))

        @router.post("/InvoiceAPI/InvoiceUtilsWS/getInvoiceRepresentationFile")
        async def get_file(request: Request) -> Response:
            said = json.loads(await request.body())
            return await self._play("file", request, lambda _told: self._file(said))

        return router

    async def _play(
        self, operation: str, request: Request, answer: Callable[[Behaviour], Response]
    ) -> Response:
        told = self._desk.manners.next(operation)
        if not self._is_known(request):
            return JSONResponse({"code": 401, "message": "UNAUTHORIZED"}, status_code=401)
        if told.mode is Mode.ERROR:
            return _refused(told.code)
        return await misbehave(told, lambda: answer(told))

    def _is_known(self, request: Request) -> bool:
        user, password = self._pair()
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        by_token = request.cookies.get("access_token") == self._token
        return by_token or request.headers.get("authorization") == f"Basic {basic}"

    def _pair(self) -> tuple[str, str]:
        return self._desk.secrets["username"], self._desk.secrets["password"]

    def _create(self, said: Said, told: Behaviour) -> Response:
        general = said["generalInvoiceInfo"]
        series = self._desk.facts["series"].partition("{yy}")[0]
        if general["templateCode"] != self._desk.facts["template_code"]:
            return _refused("TEMPLATE_NOT_FOUND")
        if not general["invoiceSeries"].startswith(series):
            return _refused("INVOICE_SERIAL_NOT_FOUND")
        if self._desk.find(general["transactionUuid"]) is not None:
            return _refused("TRANSACTION_UUID_INVALID")
        old = None
        if general["adjustmentType"] in BECOMES:
            old = self._by_number(general["originalInvoiceId"])
            if old is None or old.state in OVER:
                return _refused("ORIGINAL_INVOICE_INVALID")
        issued = self._desk.issue(_draft(said), told)
        if old is not None:
            self._desk.book.put(replace(old, state=BECOMES[general["adjustmentType"]]))
        return _done(self._told(issued))

    def _search(self, said: Said, told: Behaviour) -> Response:
        issued = self._desk.find(said["transactionUuid"])
        if issued is None:
            return _refused("NOT_FOUND_DATA")
        other = {"supplierTaxCode": "0000000000"} if told.mode is Mode.ANOTHER_KEY else {}
        return _done([self._told(issued) | {"status": STATUS[issued.state]} | other])

    def _cancel(self, said: Said) -> Response:
        issued = self._by_number(said["invoiceNo"])
        if issued is None:
            return _refused("NOT_FOUND_DATA")
        if issued.state in OVER:
            return _refused("INVOICE_STATUS_INVALID")
        self._desk.book.put(replace(issued, state=State.CANCELLED))
        return _done(None)

    def _file(self, said: Said) -> Response:
        issued = self._by_number(said["invoiceNo"])
        if issued is None or issued.key != said["transactionUuid"]:
            return _refused("NOT_FOUND_DATA")
        body = page_pdf(issued) if said["fileType"] == "PDF" else viettel_zip(issued)
        encoded = base64.b64encode(body).decode()
        return JSONResponse(
            {
                "errorCode": None,
                "description": None,
                "fileName": f"{said['invoiceNo']}",
                "fileToBytes": encoded,
            }
        )

    def _by_number(self, invoice_no: str) -> Issued | None:
        length = len(self._desk.facts["series"].replace("{yy}", "00"))
        symbol, digits = invoice_no[:length], invoice_no[length:]
        return self._desk.book.find_number(self._desk.name, symbol, int(digits or 0))

    def _told(self, issued: Issued) -> dict[str, Any]:
        return {
            "supplierTaxCode": self._desk.facts["supplier_tax_code"],
            "invoiceNo": f"{issued.symbol}{issued.number}",
            "transactionID": issued.key,
            "reservationCode": issued.code,
        }


def _draft(said: Said) -> Draft:
    general = said["generalInvoiceInfo"]
    at = dt.datetime.fromtimestamp(general["invoiceIssuedDate"] / 1000, VIETNAM)
    return Draft(
        key=general["transactionUuid"],
        form=general["templateCode"],
        symbol=general["invoiceSeries"],
        amount=said["summarizeInfo"]["totalAmountWithTax"],
        payer=said["buyerInfo"]["buyerName"],
        day=at.date().isoformat(),
    )


def _form(raw: bytes) -> Said:
    return {name: values[0] for name, values in parse_qs(raw.decode()).items()}


def _done(result: Any) -> Response:
    return JSONResponse({"errorCode": None, "description": None, "result": result})


def _refused(code: str) -> Response:
    return JSONResponse({"code": 400, "message": code, "data": "Bị từ chối"}, status_code=400)
