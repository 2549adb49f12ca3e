"""Fees to confirm, and what became of them, as the portal and the verifier see it."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from deploy.demo.context import Demo
from deploy.demo.journey import Report, eventually
from deploy.demo.opening_steps import see_the_fee, submit_dossier
from deploy.verifier.verify import verify_file


async def open_fee(demo: Demo) -> str:
    """A dossier by the signed portal; the path of its payment's page."""
    report = Report("open")
    await submit_dossier(demo, report)
    await see_the_fee(demo, report)
    return f"/pay/{demo.intent['id']}"


async def intent_of(demo: Demo) -> dict[str, Any]:
    intent: dict[str, Any] = (await demo.portal.get(demo.intent_path)).json()
    return intent


async def pay(demo: Demo) -> None:
    intent = await intent_of(demo)
    paid = await demo.http.post(f"{demo.place.bank_url}/pay", json={"qr": intent["qr_payload"]})
    assert paid.status_code == 201, paid.text


async def proven_assurance(demo: Demo, folder: Path) -> str:
    """From the evidence, after the offline verifier has found it good."""
    reply = await demo.portal.get(f"{demo.intent_path}/evidence")
    assert reply.status_code == 200, reply.text
    path = folder / "evidence.zip"
    path.write_bytes(reply.content)
    verdict = verify_file(path, anchors=demo.place.anchors)
    assert verdict.valid, verdict
    with ZipFile(BytesIO(reply.content)) as bundle:
        return bundle.read("confirmation.json").decode()


async def paid_intent(demo: Demo) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        intent = await intent_of(demo)
        return intent if intent["status"] == "succeeded" else None

    return await eventually(look, what="The payment")
