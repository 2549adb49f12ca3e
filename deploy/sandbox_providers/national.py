"""The national payment platform 1.0.6, played: INIT, confirm, QUERY and GET_BILL."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from deploy.sandbox_providers.flat_texts import local_time, piped_sha256, texts_of
from deploy.sandbox_providers.order import OrderStatus, SandboxOrder
from deploy.sandbox_providers.page import page_url
from deploy.sandbox_providers.paying import is_past
from deploy.sandbox_providers.player import Desk, SignedNotice

VERSION: Final = "1.0.6"
CODE: Final = "MaXacThuc"
PAGE_LASTS: Final = timedelta(minutes=15)
ORDERED: Final = (
    "LoaiBanTin PhienBan MaDoiTac MaThamChieu SoTien LoaiHinhThanhToan MaKenhThanhToan MaThietBi"
    " NgonNgu MaTienTe MaNganHang ThongTinGiaoDich ThoiGianGD Ip"
)
QUESTION: Final = "LoaiBanTin PhienBan MaDoiTac MaThamChieu ThoiGianGD"
REPORT: Final = (
    "LoaiBanTin MaLoi MaDoiTac MaThamChieu SoTien MaTienTe MaGiaoDich MaNganHang ThoiGianGD"
    " ThongTinGiaoDich"
)
REPLY: Final = "MaLoi MoTaLoi MaDoiTac MaThamChieu ThoiGianGD"
# The least that is a PDF; the platform's own receipt is nobody's concern here.
BILL: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class NationalPlatform:
    desk: Desk

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.post("/init")
        async def init(request: Request) -> Response:
            raw = await request.body()
            asked = texts_of(raw)
            refusal = self._refusal(request, asked, ORDERED)
            if refusal is None and not _adds_up(json.loads(raw), asked["SoTien"]):
                refusal = "04"
            if refusal is not None:
                return JSONResponse({"error_code": refusal, "message": "Refused"})
            address = page_url(self.desk, self._keep(asked).order_reference)
            said = json.dumps({"MaThamChieu": asked["MaThamChieu"], "UrlThanhToan": address})
            return JSONResponse({"error_code": "0", "message": said})

        @router.post("/query")
        async def query(request: Request) -> Response:
            asked = texts_of(await request.body())
            order = self._find(request, asked)
            if order is None:
                return self._signed({"MaLoi": "01", "MaThamChieu": asked.get("MaThamChieu", "")})
            return self._signed({**self._report(order, "QUERY"), "MaLoi": "00"}, order)

        @router.post("/get_bill")
        async def get_bill(request: Request) -> Response:
            order = self._find(request, texts_of(await request.body()))
            if order is None or order.status is not OrderStatus.PAID:
                return Response(status_code=404)
            return Response(BILL, media_type="application/pdf")

        return router

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice:
        said = self._report(order, "CONFIRM")
        whole = {**said, CODE: self._digest(said, REPORT)}
        return SignedNotice(
            headers={"content-type": "application/json"},
            body=json.dumps(whole, ensure_ascii=False).encode(),
        )

    def heard(self, status: int, body: bytes) -> bool:
        """Only a success under a digest of the partner's own; an echo of ours does not fit."""
        said = texts_of(body)
        signed = hmac.compare_digest(self._digest(said, REPLY), said.get(CODE, ""))
        return status == 200 and signed and said.get("MaLoi") == "00"

    def _refusal(self, request: Request, asked: Mapping[str, str], words: str) -> str | None:
        token = self.desk.secrets.get("access_token")
        if token and request.headers.get("authorization") != f"Bearer {token}":
            return "96"
        if not hmac.compare_digest(self._digest(asked, words), asked.get(CODE, "")):
            return "97"
        known = asked["MaDoiTac"] == self.desk.facts.get("partner_code")
        return None if known and asked["PhienBan"] == VERSION else "02"

    def _find(self, request: Request, asked: Mapping[str, str]) -> SandboxOrder | None:
        """By reference and by the time of INIT, to the second."""
        if self._refusal(request, asked, QUESTION) is not None:
            return None
        order = self.desk.book.find(self.desk.name, asked["MaThamChieu"])
        dated = order is not None and order.facts.get("init_date") == asked["ThoiGianGD"]
        return order if dated else None

    def _keep(self, asked: Mapping[str, str]) -> SandboxOrder:
        now = self.desk.clock.now()
        known = self.desk.book.find(self.desk.name, asked["MaThamChieu"])
        return known or self.desk.book.put(
            SandboxOrder(
                provider=self.desk.name,
                order_reference=asked["MaThamChieu"],
                amount=int(asked["SoTien"]),
                description=asked["ThongTinGiaoDich"],
                return_url=self.desk.facts.get("return_url", f"{self.desk.url}/sandbox/orders"),
                created_at=now,
                facts={
                    "init_date": asked["ThoiGianGD"],
                    "expires_at": (now + PAGE_LASTS).isoformat(),
                },
            )
        )

    def _report(self, order: SandboxOrder, message: str) -> dict[str, str]:
        paid = order.status is OrderStatus.PAID
        return {
            "LoaiBanTin": message,
            "MaLoi": "00" if paid else "24",
            "MaDoiTac": self.desk.facts.get("partner_code", "DEVTINH"),
            "MaThamChieu": order.order_reference,
            "SoTien": str(order.paid_amount if paid else order.amount),
            "MaTienTe": "VND",
            "MaGiaoDich": order.provider_reference,
            "MaNganHang": "VCB",
            "ThoiGianGD": local_time(order.paid_at or order.created_at),
            "ThongTinGiaoDich": order.description,
        }

    def _signed(self, said: dict[str, str], order: SandboxOrder | None = None) -> Response:
        if order is not None:
            over = order.status is OrderStatus.DECLINED or is_past(self.desk, order)
            paid = order.status is OrderStatus.PAID
            said["TrangThaiGD"] = "1" if paid else "4" if over else "3"
        return JSONResponse({**said, CODE: self._digest(said, f"{REPORT} TrangThaiGD")})

    def _digest(self, said: Mapping[str, str], words: str) -> str:
        return piped_sha256(said, words, self.desk.secrets["secret_key"])


def _adds_up(said: Mapping[str, Any], total: str) -> bool:
    """The lines of the receipt are not signed; they must at least be the sum that is."""
    facts = said.get("ThongTinBienLai", {})
    wanted = int(total)
    lines = sum(int(line["SoTien"]) for line in facts.get("PhiLePhi", []))
    payments = sum(int(one["SoTien"]) for one in facts.get("DSKhoanNop", []))
    return wanted > 0 and payments == wanted and lines in (0, wanted)
