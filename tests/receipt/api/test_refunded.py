"""A refund is shown beside the receipt, and no signed byte says so."""

import json
from typing import Any
from uuid import uuid4

from services.receipt.consumers.tools import Tools
from services.receipt.domain.receipts.receipt import Receipt
from tests.receipt.api.conftest import PORTAL, PUBLIC, Door
from tests.receipt.api.test_receipt_lookups import PATH, printed
from tests.receipt.consumers.test_payment_succeeded import example, take

AT = "2026-11-24T03:00:00Z"


def refunded(receipt: Receipt, amount: int, **changes: Any) -> dict[str, Any]:
    return example(
        "refund.succeeded.v1",
        refund_id=str(uuid4()),
        payment_intent_id=str(receipt.fee.payment_intent_id),
        items=[{"kind": receipt.kind.value, "amount_minor_units": amount}],
        refunded_at=AT,
        **changes,
    )


async def shown(door: Door, receipt: Receipt) -> tuple[Any, str]:
    own = (await door.get(f"/v1/receipts/{receipt.id}", PORTAL)).json()
    public = (await door.get(PATH, PUBLIC, **printed(receipt))).json()
    assert own["refund"] == public["refund"]
    assert own["status"] == "issued"
    return own["refund"], public["state"]


async def test_part_and_then_all_of_a_receipt_is_refunded_and_its_files_stay(
    door: Door, issued: list[Receipt], tools: Tools
) -> None:
    receipt, other = issued
    files = [f"/v1/receipts/{receipt.id}/{form}" for form in ("xml", "pdf")]
    before = [(await door.get(path, PORTAL)).content for path in files]
    assert await shown(door, receipt) == (None, "issued")

    part = refunded(receipt, 1_000)
    await take(part, tools)
    await take(part, tools)
    await take({**part, "id": str(uuid4())}, tools)
    note, state = await shown(door, receipt)
    assert (note["state"], state) == ("partly_refunded", "partly_refunded")
    assert note["amount"] == {"amount": 1_000, "currency": "VND"}
    assert note["refunded_at"] == AT

    await take(refunded(receipt, receipt.amount.minor_units - 1_000), tools)
    note, state = await shown(door, receipt)
    assert (note["state"], state) == ("refunded", "refunded")
    assert await shown(door, other) == (None, "issued")
    assert [(await door.get(path, PORTAL)).content for path in files] == before


async def test_money_that_was_no_fee_is_noted_on_no_receipt(
    door: Door, issued: list[Receipt], tools: Tools
) -> None:
    receipt = issued[0]
    suspense = refunded(receipt, 1_000) | {}
    suspense["data"] |= {"items": []}
    service = refunded(receipt, 1_000)
    service["data"] |= {"items": [{"kind": "gia_dich_vu", "amount_minor_units": 5}]}
    nameless = refunded(receipt, 1_000)
    nameless["data"] |= {"payment_intent_id": None}

    for event in (suspense, service, nameless):
        await take(json.loads(json.dumps(event)), tools)

    assert await shown(door, receipt) == (None, "issued")
