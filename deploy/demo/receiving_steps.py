"""What the payment brings: numbered receipts, a dossier that moves on, mail and webhooks."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any, Final

from deploy.demo.context import Demo
from deploy.demo.journey import Report, StepFailed, eventually, expect_json
from deploy.demo.mail import attachments
from deploy.demo.opening_steps import EVENT_TYPES

IN_PROGRESS: Final = 4
# Phí and lệ phí are two kinds, each with a receipt of its own.
RECEIPT_KINDS: Final = ("phi", "le_phi")


async def receive(demo: Demo, report: Report) -> None:
    """One receipt for each kind of fee; XML and PDF of each."""
    wanted = {line["kind"] for line in demo.dossier["fee"]["lines"]} & set(RECEIPT_KINDS)
    demo.receipts = await eventually(lambda: _receipts(demo, len(wanted)), what="The receipts")
    report.check(
        {one["kind"] for one in demo.receipts} == wanted,
        f"{len(wanted)} signed receipt(s), one for each kind of fee",
        found=demo.receipts,
    )
    issued_at = max(datetime.fromisoformat(one["issued_at"]) for one in demo.receipts)
    waited = max(issued_at - (demo.told_at or issued_at), timedelta(0))
    milliseconds = round(waited / timedelta(milliseconds=1))
    report.found(f"issued {milliseconds:,} ms after the bank's notice left")
    total = sum(one["amount"]["amount"] for one in demo.receipts)
    report.check(
        total == demo.intent["amount"]["amount"],
        f"together {total:,} đồng, as paid",
        found=demo.receipts,
    )
    for position, receipt in enumerate(demo.receipts, start=1):
        name = "receipt" if position == 1 else f"receipt-{position}"
        for kind, opening in (("xml", b"<?xml"), ("pdf", b"%PDF-")):
            content = await _document(demo, receipt["id"], kind)
            report.check(content.startswith(opening), f"{name}.{kind}: {len(content):,} bytes")
            (demo.place.out / f"{name}.{kind}").write_bytes(content)
            if kind == "xml":
                demo.documents[receipt["id"]] = content
        report.found(
            f"{name}: {receipt['form_code']} {receipt['symbol']} number {receipt['number']}"
        )
    demo.facts["milliseconds_from_notice_to_receipt"] = milliseconds
    demo.facts["receipts"] = [
        {name: one[name] for name in ("id", "kind", "form_code", "symbol", "number")}
        for one in demo.receipts
    ]


async def hear(demo: Demo, report: Report) -> None:
    """The dossier, the citizen and the portal all learn of it."""
    dossier = await eventually(lambda: _moved_on(demo), what="The dossier's next state")
    report.found(f"the dossier is {dossier['state']['name_vi']}")
    report.check(
        len(dossier["receipts"]) == len(demo.receipts), "it lists its receipts", found=dossier
    )
    for receipt in demo.receipts:
        number = receipt["printed_number"]
        mail = await eventually(partial(_mail, demo, number), what=f"Mail about {number}")
        report.check(
            demo.documents[receipt["id"]] in attachments(mail),
            f"receipt {number} came to {demo.payer.email}, with the signed XML itself",
            found=mail["subject"],
        )
    await eventually(lambda: _all_hooks(demo), what="A webhook of every type asked for")
    arrivals = list(demo.hooks.arrivals)
    report.check(
        all(one.is_signed_by(demo.endpoint["public_key"]) for one in arrivals),
        f"{len(arrivals)} webhooks arrived; the Standard Webhooks signature of each holds",
        found=[one.headers for one in arrivals],
    )
    changed = arrivals[0].with_body(arrivals[0].body + b" ")
    report.check(
        not changed.is_signed_by(demo.endpoint["public_key"]), "with one byte more it does not"
    )
    removed = await demo.portal.delete(
        f"/v1/webhook-endpoints/{demo.endpoint['id']}", idempotency_key=str(demo.ids.new())
    )
    report.check(removed.is_success, "the portal asks for no more of them", found=removed.text)


async def _receipts(demo: Demo, count: int) -> list[dict[str, Any]] | None:
    target = f"/v1/receipts?payment_intent_id={demo.dossier['payment_intent_id']}"
    items: list[dict[str, Any]] = expect_json(await demo.portal.get(target), 200)["items"]
    issued = [one for one in items if one["issued_at"]]
    return sorted(issued, key=lambda one: int(one["number"])) if len(issued) >= count else None


async def _document(demo: Demo, receipt_id: str, kind: str) -> bytes:
    async def look() -> bytes | None:
        reply = await demo.portal.get(f"/v1/receipts/{receipt_id}/{kind}")
        if reply.status_code in (404, 409):
            return None
        if reply.status_code != 200:
            raise StepFailed(f"The receipt's {kind} answered {reply.status_code}: {reply.text}")
        return reply.content

    return await eventually(look, what=f"The receipt's {kind}")


async def _moved_on(demo: Demo) -> dict[str, Any] | None:
    reply = await demo.portal.get(f"/v1/dossiers/{demo.dossier['id']}")
    dossier: dict[str, Any] = expect_json(reply, 200)
    return dossier if dossier["state"]["code"] == IN_PROGRESS else None


async def _mail(demo: Demo, number: str) -> EmailMessage | None:
    return demo.mail.find(to=demo.payer.email, about=number)


async def _all_hooks(demo: Demo) -> bool | None:
    seen = {one.event["type"] for one in demo.hooks.arrivals}
    return True if seen >= set(EVENT_TYPES) else None
