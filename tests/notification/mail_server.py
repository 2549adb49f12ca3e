"""A real SMTP server on a loopback port that keeps what it gets and refuses what it is told to."""

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class MailServerDouble:
    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.envelopes: list[Envelope] = []
        self.raw: list[bytes] = []
        # What to answer to a recipient, and to the data; None takes it.
        self.recipient_answer: str | None = None
        self.data_answer: str | None = None
        self._controller = Controller(self, hostname=HOST, port=self.port)

    def __enter__(self) -> "MailServerDouble":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's word
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if self.recipient_answer is not None:
            return self.recipient_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answer is not None:
            return self.data_answer
        content: Any = envelope.content
        self.envelopes.append(envelope)
        self.raw.append(bytes(content))
        return "250 Kept"
