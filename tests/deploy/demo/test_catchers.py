from base64 import b64encode
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.demo.mail import MailCatcher
from deploy.demo.platform import free_ports
from deploy.demo.webhooks import Arrival, WebhookCatcher

KEY = Ed25519PrivateKey.generate()
PUBLIC = "whpk_" + b64encode(KEY.public_key().public_bytes_raw()).decode()
BODY = b'{"type":"receipt.issued.v1"}'


def signed_headers(body: bytes) -> dict[str, str]:
    signature = b64encode(KEY.sign(b"msg_1.1700000000." + body)).decode()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1700000000",
        "webhook-signature": f"v1a,{b64encode(bytes(64)).decode()} v1a,{signature}",
    }


async def test_a_webhook_is_kept_with_what_its_signature_covers() -> None:
    async with WebhookCatcher() as catcher, httpx.AsyncClient() as client:
        reply = await client.post(catcher.url, content=BODY, headers=signed_headers(BODY))

    (arrival,) = catcher.arrivals
    assert reply.status_code == 204
    assert arrival.event["type"] == "receipt.issued.v1"
    assert arrival.is_signed_by(PUBLIC)


def test_a_changed_webhook_does_not_verify() -> None:
    arrival = Arrival(signed_headers(BODY), BODY)
    stranger = (
        "whpk_" + b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    )

    assert not arrival.with_body(BODY + b" ").is_signed_by(PUBLIC)
    assert not arrival.is_signed_by(stranger)


async def test_mail_is_kept_as_a_file_and_found_by_what_it_says(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    message = EmailMessage()
    message["From"], message["To"] = "bien-lai@lephi.example.vn", "payer@example.vn"
    message["Subject"] = "Biên lai số 7"
    message.set_content("Số 7, ký hiệu AA-26E")
    with MailCatcher(tmp_path, port=port) as mail:
        await aiosmtplib.send(message, hostname="127.0.0.1", port=port)

    assert mail.find(to="payer@example.vn", about="số 7") is not None
    assert mail.find(to="payer@example.vn", about="AA-26E") is not None
    assert mail.find(to="other@example.vn", about="số 7") is None
    assert (tmp_path / "001.eml").read_bytes().startswith(b"From: bien-lai@")
