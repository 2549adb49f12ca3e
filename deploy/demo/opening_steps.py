"""The portal's part: a dossier goes in, a fee comes out."""

from typing import Any, Final

from deploy.demo.context import Demo
from deploy.demo.journey import Report, eventually, expect_json

APPLICANT: Final = {
    "full_name": "Nguyễn Thị Minh Anh",
    "identity_number": "075199000001",
    "address": "Số 12, đường Nguyễn Ái Quốc, phường Trấn Biên, tỉnh Đồng Nai",
    "phone": "0900000001",
}
EVENT_TYPES: Final = ("dossier.state_changed.v1", "payment.succeeded.v1", "receipt.issued.v1")
AGENCY_CODE: Final = "H19.25"
# A phí and a lệ phí at once, so that two receipts come of one payment.
PROCEDURE_CODE: Final = "1.012789"
PAYMENT_REQUIRED: Final = 6


async def subscribe(demo: Demo, report: Report) -> None:
    """The portal says where it wants to hear, before there is anything to hear."""
    reply = await demo.portal.post(
        "/v1/webhook-endpoints",
        {"url": demo.hooks.url, "event_types": list(EVENT_TYPES)},
        idempotency_key=str(demo.ids.new()),
    )
    demo.endpoint = expect_json(reply, 201)
    report.check(
        str(demo.endpoint["public_key"]).startswith("whpk_"),
        "the platform names the key that will sign the webhooks",
        found=demo.endpoint,
    )


async def submit_dossier(demo: Demo, report: Report) -> None:
    """A signed request; the same again, signed anew, is the same dossier."""
    quote = await eventually(lambda: _quote(demo), what="The published fee")
    report.found(
        f"procedure {PROCEDURE_CODE} costs {quote['fee']['total']['amount']:,} đồng online"
    )
    body = {
        "procedure_code": PROCEDURE_CODE,
        "agency_code": AGENCY_CODE,
        "channel": "online",
        "payer_type": "person",
        "applicant": {**APPLICANT, "email": demo.payer.email},
    }
    key = str(demo.ids.new())
    first = await demo.portal.post("/v1/dossiers", body, idempotency_key=key)
    demo.dossier = expect_json(first, 201)
    report.found(f"dossier {demo.dossier['code']} for {demo.dossier['procedure']['name']}")
    again = await demo.portal.post("/v1/dossiers", body, idempotency_key=key)
    report.check(
        again.content == first.content,
        "the same request with the same Idempotency-Key is answered byte for byte the same",
        found=again.text,
    )
    unsigned = await demo.http.post(
        f"{demo.place.gateway_url}/v1/dossiers", json=body, headers={"idempotency-key": key}
    )
    report.check(
        unsigned.status_code == 401, "without a signature it is refused", found=unsigned.text
    )
    demo.facts |= {"dossier_code": demo.dossier["code"], "dossier_id": demo.dossier["id"]}


async def _quote(demo: Demo) -> dict[str, Any] | None:
    """What this would cost. A platform that just started may still be hearing its catalogue."""
    reply = await demo.http.get(
        f"{demo.place.gateway_url}/v1/fee-quotes",
        params={
            "procedure_code": PROCEDURE_CODE,
            "agency_code": AGENCY_CODE,
            "channel": "online",
            "payer_type": "person",
        },
    )
    if reply.status_code in (404, 422):
        return None
    quote: dict[str, Any] = expect_json(reply, 200)
    return quote


async def see_the_fee(demo: Demo, report: Report) -> None:
    """The fee as computed, the obligation as opened, and no code before it is confirmed."""
    fee = demo.dossier["fee"]
    total = sum(line["amount"]["amount"] for line in fee["lines"])
    report.check(
        fee["total"]["amount"] == total > 0,
        f"{len(fee['lines'])} fee lines add up to {total:,} đồng",
        found=fee,
    )
    report.check(
        all(line["legal_basis"] for line in fee["lines"]), "every line names its legal basis"
    )
    demo.intent = await eventually(lambda: _intent_with(demo, "created"), what="The payment intent")
    report.check(
        demo.intent["amount"] == fee["total"], "a payment intent of exactly this amount is open"
    )
    report.check(
        demo.intent["qr_payload"] is None, "it has no code yet: the payer has not confirmed"
    )
    shown = expect_json(await demo.portal.get(f"/v1/dossiers/{demo.dossier['id']}"), 200)
    report.check(
        shown["state"]["code"] == PAYMENT_REQUIRED,
        f"the dossier waits for payment ({shown['state']['name_vi']})",
        found=shown["state"],
    )
    slip = await demo.portal.get(f"/v1/dossiers/{demo.dossier['id']}/slip.pdf")
    report.check(
        slip.status_code == 409, "the slip is not ready before that either", found=slip.text[:300]
    )
    demo.facts |= {"payment_intent_id": demo.intent["id"], "amount": total}


async def _intent_with(demo: Demo, status: str) -> dict[str, Any] | None:
    reply = await demo.portal.get(demo.intent_path)
    if reply.status_code == 404:
        return None
    intent: dict[str, Any] = expect_json(reply, 200)
    return intent if intent["status"] == status else None
