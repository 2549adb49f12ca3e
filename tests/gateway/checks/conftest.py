"""A gateway with small limits, visitors with addresses of their own, and one receipt behind it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qs

import httpx
import pytest

from chassis.canonical import load_json
from gateway.ports.upstream import UpstreamAnswer, UpstreamRequest
from tests.gateway.doors.conftest import MakeWorld, come_from, limited
from tests.gateway.world import World, json_answer

__all__ = ["MakeWorld", "come_from", "limited"]

CODE: Final = "3fK9pQ2xR7mN5vB8cD1gHw"
AMOUNT: Final = 150_000
PAGE: Final = "/tra-cuu-bien-lai"
QR: Final = {"form_code": "01BLP0-001", "symbol": "AA-26E", "number": "7", "code": CODE}
LOOKUPS: Final = "/v1/receipt-lookups"

Change = Callable[..., Awaitable[None]]


def found(**changes: Any) -> dict[str, Any]:
    """As the receipt service shows one to whoever knows its code."""
    money = {"amount": AMOUNT, "currency": "VND"}
    return {
        "form_code": "01BLP0-001",
        "symbol": "AA-26E",
        "number": 7,
        "printed_number": "00000007",
        "kind": "le_phi",
        "agency": {"code": "H19.25", "name": "Sở Tư pháp tỉnh Đồng Nai"},
        "payer_masked": "N*** T*** Á*** N***",
        "amount": money,
        "amount_in_words": "Một trăm năm mươi nghìn đồng",
        "lines": [
            {"name": "Lệ phí cấp phiếu lý lịch tư pháp", "quantity": 1, "amount": money},
        ],
        "numbered_at": "2026-11-23T02:00:00Z",
        "issued_at": "2026-11-23T02:00:01Z",
        "signed_by": "Sở Tư pháp tỉnh Đồng Nai",
        "xml_sha256": "0" * 64,
        "xml_path": f"{LOOKUPS}/{CODE}/xml",
        "pdf_path": f"{LOOKUPS}/{CODE}/pdf",
        "standing": "valid",
        "state": "issued",
        "linked": [],
        "refund": None,
        **changes,
    }


def problem(status: int, code: str) -> UpstreamAnswer:
    answer = json_answer({"code": code, "status": status}, status)
    return UpstreamAnswer(
        status=status,
        headers=(("content-type", "application/problem+json"),),
        body=answer.body,
    )


def keep(world: World, **changes: Any) -> None:
    """One receipt, found by its code with its number or its amount; and nothing else."""

    async def answer(request: UpstreamRequest) -> UpstreamAnswer:
        if request.method == "POST":
            asked = load_json(request.body)
            hit = asked == {"code": CODE, "amount": AMOUNT}
        else:
            query = parse_qs(request.target.partition("?")[2])
            hit = {name: values[0] for name, values in query.items()} == QR
        return json_answer(found(**changes)) if hit else problem(404, "receipt_not_found")

    world.upstream.answers |= {("GET", LOOKUPS): answer, ("POST", LOOKUPS): answer}


async def ask(http: httpx.AsyncClient, code: str = CODE, amount: object = AMOUNT) -> httpx.Response:
    """As the form of the page does."""
    return await http.post(PAGE, data={"code": code, "amount": str(amount)})


@pytest.fixture
def kept(quick_world: World) -> World:
    keep(quick_world)
    return quick_world
