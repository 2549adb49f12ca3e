"""What must happen once happens once: under a flood of notices, and across a kill."""

import asyncio
from itertools import pairwise
from typing import Any

import httpx
import pytest

from chassis.canonical import canonical_json
from chassis.keys import load_private_key, thumbprint
from chassis.message_signatures import CALLBACK, RequestSigner
from deploy.demo import confirming_steps, opening_steps
from deploy.demo.context import Demo, open_demo
from deploy.demo.journey import Step, eventually, expect_json
from tests.e2e.stage import Stage, take

pytestmark = [pytest.mark.e2e, pytest.mark.integration]
EQUAL_NOTICES = 200
KILLED_AFTER_SECONDS = (0.0, 0.02, 0.05, 0.1, 0.2)
CONFIRMED = (
    Step[Demo]("submit", opening_steps.submit_dossier),
    Step[Demo]("see", opening_steps.see_the_fee),
    Step[Demo]("confirm", confirming_steps.confirm_fee),
)
REGISTERED = Step[Demo]("register", confirming_steps.register_payer)


async def receipts_of(demo: Demo) -> list[dict[str, Any]]:
    target = f"/v1/receipts?payment_intent_id={demo.dossier['payment_intent_id']}"
    items: list[dict[str, Any]] = expect_json(await demo.portal.get(target), 200)["items"]
    return items


async def issued_receipts(demo: Demo) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        items = [one for one in await receipts_of(demo) if one["issued_at"]]
        return items if len(items) >= 2 else None

    return await eventually(look, what="The receipts", seconds=60)


def notice_of(demo: Demo) -> bytes:
    payee = demo.intent["payee"]
    return canonical_json(
        {
            "notice_id": str(demo.ids.new()),
            "provider_reference": f"FT{demo.ids.new().hex.upper()}",
            "bill_number": demo.intent["bill_reference"],
            "purpose": demo.dossier["code"],
            "bank_bin": payee["bank_bin"],
            "account_number": payee["account_number"],
            "amount": demo.intent["amount"]["amount"],
            "currency": "VND",
            "outcome": "succeeded",
            "paid_at": demo.clock.now().isoformat(),
        }
    )


async def test_two_hundred_equal_notices_at_once_settle_once(stage: Stage) -> None:
    key = load_private_key(stage.stack.var_dir / "keys" / "clients" / "bank-sandbox.key.pem")
    url = f"{stage.place.gateway_url}/v1/provider-notifications/sandbox"
    async with open_demo(stage.place) as demo, httpx.AsyncClient(timeout=60) as bank:
        signer = RequestSigner(
            "bank-sandbox", thumbprint(key.public_key()), key, clock=demo.clock, ids=demo.ids
        )
        await take(demo, REGISTERED, *CONFIRMED)
        notice = notice_of(demo)

        async def say() -> httpx.Response:
            # Told to come again (503), a bank does: what counts is the answer it gets in the end.
            async def post() -> httpx.Response | None:
                headers = signer.headers("POST", url, notice, shape=CALLBACK)
                reply = await bank.post(url, content=notice, headers=headers)
                return None if reply.status_code == 503 else reply

            return await eventually(post, what="An answer", seconds=60)

        answers = await asyncio.gather(*(say() for _ in range(EQUAL_NOTICES)))
        receipts = await issued_receipts(demo)
        intent = expect_json(await demo.portal.get(demo.intent_path), 200)
        discrepancies = expect_json(await demo.portal.get("/v1/discrepancies"), 200)["items"]

        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert answers[0].json()["status"] == "settled"
        assert intent["status"] == "succeeded"
        assert sorted(receipt["kind"] for receipt in receipts) == ["le_phi", "phi"]
        assert sorted(r["kind"] for r in await receipts_of(demo)) == ["le_phi", "phi"]
        assert not any(one["payment_intent_id"] == intent["id"] for one in discrepancies)


async def test_a_killed_receipt_worker_leaves_no_gap_and_makes_no_second_receipt(
    stage: Stage,
) -> None:
    numbers: list[int] = []
    async with open_demo(stage.place) as demo:
        await take(demo, REGISTERED)
        for seconds in KILLED_AFTER_SECONDS:
            await take(demo, *CONFIRMED)
            paid = await demo.http.post(
                f"{stage.place.bank_url}/pay", json={"qr": demo.intent["qr_payload"]}
            )
            reference = expect_json(paid, 201)["provider_reference"]
            await eventually(lambda: is_settled(demo), what="The settlement")
            await asyncio.sleep(seconds)
            stage.kill("receipt-worker")
            stage.restart_worker("receipt")
            receipts = await issued_receipts(demo)

            assert sorted(one["kind"] for one in receipts) == ["le_phi", "phi"], reference
            assert len({(one["form_code"], one["symbol"]) for one in receipts}) == 1
            numbers += [one["number"] for one in receipts]

    drawn = sorted(numbers)
    assert len(drawn) == 2 * len(KILLED_AFTER_SECONDS)
    assert all(later == earlier + 1 for earlier, later in pairwise(drawn)), drawn


async def is_settled(demo: Demo) -> bool | None:
    intent = expect_json(await demo.portal.get(demo.intent_path), 200)
    return True if intent["status"] == "succeeded" else None
