"""The bank's part: it reads the code, pays, and is believed only with its own signature."""

from datetime import datetime
from typing import Any

from deploy.demo.context import Demo
from deploy.demo.journey import Report, eventually, expect_json


async def pay(demo: Demo, report: Report) -> None:
    """A forged notice first, then the real one, then the real one said twice over."""
    bank = demo.place.bank_url
    paid = expect_json(
        await demo.http.post(
            f"{bank}/pay",
            json={"qr": demo.intent["qr_payload"], "behaviour": "bad_signature"},
        ),
        201,
    )
    report.check(
        paid["amount"] == demo.intent["amount"]["amount"]
        and paid["bill_number"] == demo.intent["bill_reference"],
        f"the bank reads {paid['amount']:,} đồng for bill {paid['bill_number']} from the code",
        found=paid,
    )
    reference = paid["provider_reference"]
    forged = await eventually(lambda: _first_attempt(demo, reference), what="The forged notice")
    report.check(
        forged["status"] in (401, 403),
        f"a notice with a forged signature is refused ({forged['status']})",
        found=forged,
    )
    intent = expect_json(await demo.portal.get(demo.intent_path), 200)
    report.check(intent["status"] == "confirmed", "and has no effect", found=intent["status"])
    (first,) = await _notify(demo, reference, "normal")
    demo.told_at = datetime.fromisoformat(first["sent_at"])
    report.check(
        first["status"] == 200 and '"settled"' in first["answer"],
        "the notice signed by the bank settles the payment",
        found=first,
    )
    twice = await _notify(demo, reference, "twice")
    report.check(
        all(one["status"] == 200 and one["answer"] == first["answer"] for one in twice),
        "told twice more, the platform gives the same answer",
        found=twice,
    )
    demo.intent = expect_json(await demo.portal.get(demo.intent_path), 200)
    report.check(
        demo.intent["status"] == "succeeded" and demo.intent["paid_at"] is not None,
        f"the intent is paid, once, under {reference}",
        found=demo.intent,
    )
    open_questions = expect_json(await demo.portal.get("/v1/discrepancies"), 200)["items"]
    report.check(
        not any(one["payment_intent_id"] == demo.intent["id"] for one in open_questions),
        "nothing about it is left in question",
        found=open_questions,
    )
    demo.facts["provider_reference"] = reference


async def _first_attempt(demo: Demo, reference: str) -> dict[str, Any] | None:
    reply = await demo.http.get(f"{demo.place.bank_url}/payments/{reference}")
    attempts: list[dict[str, Any]] = expect_json(reply, 200)["attempts"]
    return attempts[0] if attempts else None


async def _notify(demo: Demo, reference: str, behaviour: str) -> list[dict[str, Any]]:
    reply = await demo.http.post(
        f"{demo.place.bank_url}/payments/{reference}/notify", json={"behaviour": behaviour}
    )
    attempts: list[dict[str, Any]] = expect_json(reply, 200)["items"]
    return attempts
