"""E-mail by SMTP. What a server says is never kept: it likes to quote the address."""

import ssl
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Final, Literal

import aiosmtplib

from chassis.clock import VIETNAM, Clock
from services.notification.channels.letters import LetterWriter
from services.notification.domain.sending import Outcome
from services.notification.ports import Letter

Security = Literal["none", "starttls", "tls"]

BAD_ADDRESS: Final = "bad_address"
PERMANENT_FROM: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    host: str
    port: int
    security: Security = "none"
    user: str | None = None
    password: str | None = None
    timeout_seconds: float = 20.0
    ca_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    name: str
    address: str


class SmtpEmail:
    def __init__(
        self, server: MailServer, *, sender: Sender, writer: LetterWriter, clock: Clock
    ) -> None:
        self._server = server
        self._sender = sender
        self._writer = writer
        self._clock = clock

    async def send(self, letter: Letter) -> Outcome:
        try:
            raw = self._compose(letter).as_bytes(policy=SMTP_POLICY)
        except (ValueError, MessageError, IndexError):
            return Outcome.never(BAD_ADDRESS)
        try:
            await self._hand_over(raw, letter.to_address)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _judge(max(one.code for one in refused.recipients), "recipient_refused")
        except aiosmtplib.SMTPDataError as refused:
            return _judge(refused.code, "message_refused")
        except aiosmtplib.SMTPResponseException as refused:
            # Greeting, login or sender: the fault of a set-up, and set-ups get repaired.
            return Outcome.again("mail_server_refused", status_code=refused.code)
        except aiosmtplib.SMTPNotSupported:
            return Outcome.again("mail_server_lacks_a_feature")
        except TimeoutError:
            return Outcome.again("mail_server_timeout")
        except (aiosmtplib.SMTPException, OSError):
            return Outcome.again("mail_server_unreachable")
        return Outcome.done()

    def _compose(self, letter: Letter) -> EmailMessage:
        """Header values go through the policy, which refuses line breaks; nothing is pasted."""
        written = self._writer.write(letter)
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = Address(self._sender.name, addr_spec=self._sender.address)
        message["To"] = recipient(letter.to_name, letter.to_address)
        message["Subject"] = written.subject
        message["Date"] = format_datetime(self._clock.now().astimezone(VIETNAM))
        # The same at every try, so that a mail program shows a repeated letter once.
        domain = self._sender.address.rpartition("@")[2]
        message["Message-ID"] = f"<{letter.message_id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = "vi"
        message.set_content(written.text, cte="quoted-printable")
        message.add_alternative(written.html, subtype="html", cte="quoted-printable")
        for name, subtype, raw in (
            (f"{written.file_name}.pdf", "pdf", letter.documents.pdf),
            (f"{written.file_name}.xml", "xml", letter.documents.xml),
        ):
            message.add_attachment(raw, maintype="application", subtype=subtype, filename=name)
        return message

    async def _hand_over(self, raw: bytes, address: str) -> None:
        server = self._server
        await aiosmtplib.send(
            raw,
            sender=self._sender.address,
            recipients=[address],
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            timeout=server.timeout_seconds,
            use_tls=server.security == "tls",
            # Never "if offered": a stranger on the line could take the offer away.
            start_tls=server.security == "starttls",
            tls_context=_tls(server),
        )


def recipient(name: str, address: str) -> Address:
    """Raises ValueError for what cannot be an address. A name's odd characters become spaces."""
    if not address.isascii() or not address.isprintable() or " " in address:
        raise ValueError(BAD_ADDRESS)
    parsed = Address(_plain(name), addr_spec=address)
    if not parsed.username or "." not in parsed.domain.strip("."):
        raise ValueError(BAD_ADDRESS)
    return parsed


def _plain(name: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())


def _judge(code: int, reason: str) -> Outcome:
    if code >= PERMANENT_FROM:
        return Outcome.never(reason, status_code=code)
    return Outcome.again(reason, status_code=code)


def _tls(server: MailServer) -> ssl.SSLContext | None:
    if server.security == "none":
        return None
    return ssl.create_default_context(cafile=server.ca_file)
