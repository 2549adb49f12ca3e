"""A biller's bill, from its signed request to a receipt and a bundle that proves it offline."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.ids import SystemIds
from chassis.keys import load_private_key, thumbprint
from chassis.message_signatures import FEE_REQUEST, READ, RequestSigner
from chassis.testing import FrozenClock
from deploy.verifier import verify_file
from services.payment.domain.intents.payment_intent import Status
from tests.e2e.town import Town, open_town
from tests.payment.samples import NOON

BILL = {
    "reference": "HP-2026-11/0042",
    "agency_code": "H19.101",
    "lines": [
        {
            "line_code": "HT-01",
            "name": "Lệ phí hộ tịch",
            "kind": "le_phi",
            "amount": {"amount": 75_000, "currency": "VND"},
            "legal_basis": "NQ 10/2025/NQ-HĐND",
        }
    ],
    "payer": {"full_name": "Trần Văn Bình", "address": "Phường Trấn Biên"},
    "due_at": "2026-11-24T04:00:00+00:00",
}


class Biller:
    def __init__(self, town: Town, keys: Path) -> None:
        self._http = town.http
        self._url = town.platform.settings["gateway"].public_origin
        key = load_private_key(keys / "clients" / "portal-demo.key.pem")
        self._signer = RequestSigner(
            "portal-demo",
            thumbprint(key.public_key()),
            key,
            clock=town.clock,
            ids=SystemIds(town.clock),
        )

    async def post(self, target: str, body: Any, *, key: str) -> httpx.Response:
        raw = json.dumps(body, ensure_ascii=False).encode()
        extra = {"idempotency-key": key}
        headers = self._signer.headers(
            "POST", self._url + target, raw, shape=FEE_REQUEST, extra=extra
        )
        return await self._http.post(self._url + target, content=raw, headers=headers)

    async def get(self, target: str) -> httpx.Response:
        headers = self._signer.headers("GET", self._url + target, shape=READ)
        return await self._http.get(self._url + target, headers=headers)


@pytest.mark.e2e
async def test_a_bill_is_opened_paid_receipted_and_proved(tmp_path: Path) -> None:
    async with open_town(tmp_path, FrozenClock(NOON)) as town:
        biller = Biller(town, tmp_path / "keys")

        async def agencies_are_heard_of() -> bool:
            """The catalogue tells of them in the first second of the platform's life."""
            asked = await biller.post("/v1/payment-intents", BILL, key="bill-0042-first-try")
            return asked.status_code == 201

        await town.until(agencies_are_heard_of)
        opened = await biller.post("/v1/payment-intents", BILL, key="bill-0042-first-try")
        again = await biller.post("/v1/payment-intents", BILL, key="bill-0042-first-try")
        assert opened.status_code == 201, opened.text
        assert again.json()["id"] == opened.json()["id"]
        bill = opened.json()

        paid = await town.http.post(f"{town.bank_url}/pay", json={"qr": bill["qr_payload"]})
        assert paid.status_code == 201, paid.text

        async def settled() -> bool:
            return (await town.intent(UUID(bill["id"]))).status is Status.SUCCEEDED

        await town.until(settled)

        async def receipted() -> bool:
            return await town.receipts(UUID(bill["id"])) == 1

        await town.until(receipted)
        bundle = await biller.get(f"/v1/payment-intents/{bill['id']}/evidence")
        assert bundle.status_code == 200, bundle.text

    file = tmp_path / "evidence.zip"
    file.write_bytes(bundle.content)
    anchors = tmp_path / "trust" / "anchors.json"
    verdict = verify_file(file, anchors=anchors)
    assert verdict.valid, [item for item in verdict.items if not item.valid]
    told = {item.name: item.detail for item in verdict.items}
    assert told["amounts"] == "75000 billed, paid and receipted"
    assert "biller signed" in told["confirmation"]
