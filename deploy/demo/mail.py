"""A post office for the demo: whatever mail arrives is kept as .eml and goes no further."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailCatcher:
    def __init__(self, folder: Path, *, port: int, host: str = "127.0.0.1") -> None:
        self.messages: list[EmailMessage] = []
        self._folder = folder
        self._controller = Controller(self, hostname=host, port=port)

    def __enter__(self) -> "MailCatcher":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        raw: Any = envelope.content
        message = message_from_bytes(raw, policy=policy.default)
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{len(self.messages) + 1:03}.eml").write_bytes(raw)
        self.messages.append(message)
        return "250 Kept"

    def find(self, *, to: str, about: str) -> EmailMessage | None:
        """The first message to somebody whose text mentions something."""
        for message in self.messages:
            body = message.get_body(("plain", "html"))
            text = f"{message['subject']}\n{body.get_content() if body else ''}"
            if to in str(message["to"]) and about in text:
                return message
        return None


def attachments(message: EmailMessage) -> list[bytes]:
    parts = (part.get_payload(decode=True) for part in message.iter_attachments())
    return [content for content in parts if isinstance(content, bytes)]
