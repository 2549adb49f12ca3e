"""A receipt is corrected by two accountants through the whole platform."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.auth import TokenMinter
from deploy.embedded import create_embedded
from gateway.domain.people.roles import Role
from gateway.providers.in_process_upstream import InProcessUpstream
from gateway.providers.service_calls import ServiceCalls
from gateway.providers.shown_payments import PaymentPageFacts
from tests.gateway.duties.two_agencies import ORIGIN, POLICE, WARD, TwoAgencies, duty
from tests.waiting import until

ASKED = {
    "type": "replacement",
    "reason": "Ghi sai tên người nộp",
    "payer": {"full_name": "Nguyễn Thị Ánh Tuyết Mai"},
}


@pytest.fixture
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TwoAgencies]:
    made = create_embedded(var_dir=tmp_path_factory.mktemp("var"), public_origin=ORIGIN)
    async with made.running():
        transport = httpx.ASGITransport(app=made.gateway)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            house = TwoAgencies(made, http)
            await house.collect_fee(WARD)
            yield house


async def post(
    house: TwoAgencies, path: str, token: str, body: dict[str, Any] | None = None
) -> httpx.Response:
    return await house.http.post(path, json=body, headers={"authorization": f"Bearer {token}"})


async def test_two_accountants_replace_a_receipt_and_everybody_sees_which_one_counts(
    house: TwoAgencies,
) -> None:
    rows = house.rows[WARD]
    one = await house.officer(duty(Role.ACCOUNTANT, WARD))
    other = await house.officer(duty(Role.ACCOUNTANT, WARD))
    elsewhere = await house.officer(duty(Role.ACCOUNTANT, POLICE))
    path = f"/v1/receipts/{rows.receipt}/amendments"
    assert (await post(house, path, elsewhere, ASKED)).status_code == 404
    asked = await post(house, path, one, ASKED)
    assert asked.status_code == 201, asked.text
    decide = f"/v1/receipt-amendments/{asked.json()['id']}/approval"
    assert (await post(house, decide, one)).status_code == 403

    approved = (await post(house, decide, other)).json()

    async def standing(receipt_id: str) -> str:
        shown = await house.get(f"/v1/receipts/{receipt_id}", one)
        return f"{shown.json()['status']} {shown.json()['standing']}"

    await until(lambda: standing(approved["result_id"]), is_now="issued valid")
    assert await standing(rows.receipt) == "issued replaced"
    made = (await house.get(f"/v1/receipts/{approved['result_id']}", one)).json()
    page = await house.get(f"/v1/receipts/{approved['result_id']}/pdf", one)
    assert page.content.startswith(b"%PDF-")
    notice = await house.get(f"/v1/receipt-amendments/{approved['id']}/notice.xml", one)
    assert "04/SS-CTĐT" in notice.text
    minter = TokenMinter.from_directory(
        "gateway",
        house.platform.settings["gateway"].keys_dir / "internal",
        clock=house.platform.clock,
        ids=house.platform.ids,
    )
    calls = ServiceCalls(InProcessUpstream(house.platform.services), minter)
    shown = await PaymentPageFacts(calls).list_receipts(UUID(rows.payment))
    assert [each.printed_number for each in shown] == [made["printed_number"]]
