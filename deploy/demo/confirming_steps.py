"""The payer's part: who they are, on two factors, and a signature over exactly this fee."""

import time
from base64 import urlsafe_b64decode
from typing import Any, Final

from chassis.canonical import canonical_json
from deploy.demo.context import Demo
from deploy.demo.journey import Report, StepFailed, eventually, expect_json
from deploy.demo.opening_steps import APPLICANT
from deploy.demo.payer import Authenticator, Session
from deploy.demo.picture import can_read_pages, read_codes

JWS_TYPE: Final = "lephi-fee-intent+jws"


async def register_payer(demo: Demo, report: Report) -> None:
    """Password, one-time codes, and a device key that only this payer holds."""
    gateway, payer = demo.place.gateway_url, demo.payer
    account = expect_json(
        await demo.http.post(
            f"{gateway}/v1/accounts",
            json={
                "username": payer.username,
                "password": payer.password,
                "full_name": APPLICANT["full_name"],
            },
        ),
        201,
    )
    payer.authenticator = Authenticator(account["totp_uri"], clock=demo.clock)
    activated = await demo.http.post(
        f"{gateway}/v1/accounts/{account['id']}/totp-activations",
        json={"code": await payer.authenticator.code()},
    )
    report.check(activated.is_success, "the one-time codes are activated", found=activated.text)
    opened = expect_json(
        await demo.http.post(
            f"{gateway}/v1/sessions",
            json={
                "username": payer.username,
                "password": payer.password,
                "totp": await payer.authenticator.code(),
            },
        ),
        201,
    )
    payer.session = Session(demo.http, gateway_url=gateway, token=opened["token"])
    report.found("the payer is signed in with password and one-time code")
    challenge = expect_json(await payer.session.post("/v1/device-key-challenges", {}), 201)
    enrolled = await payer.session.post(
        "/v1/device-keys",
        {
            "jwk": payer.device.jwk,
            "proof": payer.device.sign_compact(challenge["challenge"].encode(), header={}),
            "totp": await payer.authenticator.code(),
        },
    )
    expect_json(enrolled, 201)
    report.found("a device key (P-256) is enrolled, shown to be held by the device")


async def confirm_fee(demo: Demo, report: Report) -> None:
    """Sign what is shown. A signature over another amount confirms nothing."""
    session, authenticator = demo.payer.session, demo.payer.authenticator
    if session is None or authenticator is None:
        raise StepFailed("The payer is not signed in")
    opened = expect_json(
        await session.post(f"{demo.intent_path}/confirmations", {"method": "vietqr"}), 201
    )
    intent, intent_bytes = opened["intent"], _base64url(opened["intent_bytes"])
    report.check(
        canonical_json(intent) == intent_bytes,
        "the bytes to sign are the canonical form of the intent shown",
    )
    report.check(
        intent["amount"] == str(demo.intent["amount"]["amount"])
        and intent["dossier"] == demo.dossier["code"],
        f"they name {demo.dossier['code']} and {int(intent['amount']):,} đồng",
        found=intent,
    )
    proof_path = f"/v1/confirmations/{opened['confirmation_id']}/proof"
    started = time.perf_counter()
    code = await authenticator.code()
    waited = time.perf_counter() - started
    report.found(f"a fresh one-time code, for which the payer waited {waited:.1f} s")
    altered = canonical_json({**intent, "amount": str(int(intent["amount"]) - 1)})
    refused = await session.post(proof_path, {"jws": _sign(demo, altered), "totp": code})
    report.check(
        refused.status_code == 403 and refused.json()["code"] == "proof_refused",
        "a signature over an altered amount is refused",
        found=refused.text,
    )
    confirmed = expect_json(
        await session.post(proof_path, {"jws": _sign(demo, intent_bytes), "totp": code}), 200
    )
    report.check(
        confirmed["status"] == "confirmed",
        f"the right one is taken, with assurance {confirmed['assurance']}",
        found=confirmed,
    )
    demo.intent = await eventually(lambda: _with_code(demo), what="The payment code")
    report.check(demo.intent["status"] == "confirmed", "the intent is confirmed and has its code")
    demo.facts |= {"confirmation_id": opened["confirmation_id"], "intent": intent}


async def fetch_slip(demo: Demo, report: Report) -> None:
    """The slip is printed with the one code that any bank reads."""
    target = f"/v1/dossiers/{demo.dossier['id']}/slip.pdf"

    async def look() -> bytes | None:
        reply = await demo.portal.get(target)
        if reply.status_code == 409:
            return None
        if reply.status_code != 200:
            raise StepFailed(f"The slip answered {reply.status_code}: {reply.text[:500]}")
        return reply.content

    slip = await eventually(look, what="The slip")
    path = demo.place.out / "slip.pdf"
    path.write_bytes(slip)
    report.check(slip.startswith(b"%PDF-"), f"the slip is a PDF of {len(slip):,} bytes")
    shown = expect_json(await demo.portal.get(f"/v1/dossiers/{demo.dossier['id']}"), 200)
    payload = demo.intent["qr_payload"]
    report.check(
        shown["payment"]["qr_payload"] == payload,
        "the dossier shows the same code as the payment intent",
        found=shown["payment"],
    )
    if can_read_pages():
        codes = read_codes(path)
        report.check(payload in codes, "the code on the printed page reads the same", found=codes)
    else:
        report.found("the page was not read as a picture: pdftoppm or zbarimg is not installed")
    demo.facts["qr_payload"] = payload


async def _with_code(demo: Demo) -> dict[str, Any] | None:
    intent: dict[str, Any] = expect_json(await demo.portal.get(demo.intent_path), 200)
    return intent if intent["qr_payload"] else None


def _sign(demo: Demo, payload: bytes) -> str:
    header = {"typ": JWS_TYPE, "kid": demo.payer.device.key_id}
    return demo.payer.device.sign_detached(payload, header=header)


def _base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
