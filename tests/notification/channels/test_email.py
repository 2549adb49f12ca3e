import asyncio
from dataclasses import replace
from email.utils import parsedate_to_datetime
from uuid import UUID

import pytest

from chassis.testing import FrozenClock
from services.notification.channels.email import MailServer, Sender, SmtpEmail
from services.notification.channels.letters import LetterWriter
from services.notification.domain.sending import Outcome, Verdict
from services.notification.ports import Documents, Letter
from tests.notification.mail_server import HOST, MailServerDouble, free_port
from tests.notification.samples import FACTS, NOON, PAYER_ADDRESS, PAYER_NAME

PDF = b"%PDF-1.7\r\n\x00\xff binary"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<BienLai>Lệ phí</BienLai>'.encode()
LETTER = Letter(
    message_id=UUID(int=7),
    to_address=PAYER_ADDRESS,
    to_name=PAYER_NAME,
    facts=FACTS,
    documents=Documents(pdf=PDF, xml=XML),
)
WRITER = LetterWriter(
    lookup_url="https://lephi.example.vn/tra-cuu?form_code={form_code}&symbol={symbol}"
    "&number={number}&code={lookup_code}",
    sender_name="Cổng thanh toán lệ phí",
)


def email(port: int, *, timeout_seconds: float = 5.0) -> SmtpEmail:
    return SmtpEmail(
        MailServer(host=HOST, port=port, timeout_seconds=timeout_seconds),
        sender=Sender(name="Cổng thanh toán lệ phí", address="bien-lai@lephi.example.vn"),
        writer=WRITER,
        clock=FrozenClock(NOON),
    )


async def test_the_letter_arrives_with_its_words_and_both_files(
    mail_server: MailServerDouble,
) -> None:
    outcome = await email(mail_server.port).send(LETTER)

    (message,) = mail_server.messages
    assert outcome == Outcome.done()
    assert message["Subject"] == "Biên lai AA-26E số 0000001 – hồ sơ H19.25-261123-0001"
    assert message["From"].addresses[0].display_name == "Cổng thanh toán lệ phí"
    assert message["To"].addresses[0].display_name == PAYER_NAME
    assert message["To"].addresses[0].addr_spec == PAYER_ADDRESS
    assert message["Message-ID"] == f"<{UUID(int=7)}@lephi.example.vn>"
    assert parsedate_to_datetime(message["Date"]) == NOON
    assert message["Auto-Submitted"] == "auto-generated"
    files = {one.get_filename(): one.get_payload(decode=True) for one in message.iter_attachments()}
    assert files == {
        "bien-lai-AA-26E-0000001.pdf": PDF,
        "bien-lai-AA-26E-0000001.xml": XML,
    }


@pytest.mark.parametrize("kind", ["plain", "html"])
async def test_text_and_html_say_number_amount_and_look_up_address(
    mail_server: MailServerDouble, kind: str
) -> None:
    await email(mail_server.port).send(LETTER)

    body = mail_server.messages[0].get_body((kind,))
    assert body is not None
    words = body.get_content()
    address = "https://lephi.example.vn/tra-cuu?form_code=01BLP0-001&symbol=AA-26E&number=1"
    for expected in (
        PAYER_NAME,
        "0000001",
        "150.000 đồng",
        "12:00 ngày 23/11/2026",
        "K7PXM2Q9RT",
        address if kind == "plain" else address.replace("&", "&amp;"),
    ):
        assert expected in words


async def test_the_wire_carries_ascii_lines_only(mail_server: MailServerDouble) -> None:
    await email(mail_server.port).send(LETTER)

    assert mail_server.raw[0].isascii()
    assert max(len(line) for line in mail_server.raw[0].split(b"\r\n")) < 998


@pytest.mark.parametrize(
    "name", ["Ánh\r\nBcc: thief@example.org", "Ánh\x00\x1b", 'Ánh" <x@example.org>, "B', "Á" * 300]
)
async def test_a_name_cannot_add_a_header_or_a_recipient(
    mail_server: MailServerDouble, name: str
) -> None:
    await email(mail_server.port).send(replace(LETTER, to_name=name))

    (message,) = mail_server.messages
    assert message["Bcc"] is None
    assert [one.addr_spec for one in message["To"].addresses] == [PAYER_ADDRESS]
    assert mail_server.envelopes[0].rcpt_tos == [PAYER_ADDRESS]


async def test_a_name_is_escaped_in_html(mail_server: MailServerDouble) -> None:
    await email(mail_server.port).send(replace(LETTER, to_name="<script>x</script>"))

    body = mail_server.messages[0].get_body(("html",))
    assert body is not None
    assert "<script>" not in body.get_content()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b",
        "a b@example.vn",
        "a@example.vn\r\nBcc: thief@example.org",
        "a@example.vn, thief@example.org",
        "a@example.vn> SIZE=1",
        "tuyết@example.vn",
        "@example.vn",
        '"a\r\nDATA"@example.vn',
    ],
)
async def test_what_is_no_address_is_given_up_before_any_server_is_asked(
    mail_server: MailServerDouble, address: str
) -> None:
    outcome = await email(mail_server.port).send(replace(LETTER, to_address=address))

    assert outcome == Outcome.never("bad_address")
    assert not mail_server.raw


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 5.1.1 <tuyet.nguyen@example.vn> unknown", Verdict.NEVER),
        ("451 4.7.1 greylisted", Verdict.AGAIN),
    ],
)
async def test_a_refused_recipient_is_final_only_when_the_server_says_so(
    mail_server: MailServerDouble, answer: str, expected: Verdict
) -> None:
    mail_server.recipient_answer = answer

    outcome = await email(mail_server.port).send(LETTER)

    assert (outcome.verdict, outcome.reason) == (expected, "recipient_refused")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("554 5.6.0 no", Verdict.NEVER), ("452 4.3.1 full", Verdict.AGAIN)],
)
async def test_a_refused_letter_is_final_only_when_the_server_says_so(
    mail_server: MailServerDouble, answer: str, expected: Verdict
) -> None:
    mail_server.data_answer = answer

    outcome = await email(mail_server.port).send(LETTER)

    assert (outcome.verdict, outcome.reason) == (expected, "message_refused")


async def test_a_server_that_is_not_there_is_asked_again_later() -> None:
    assert await email(free_port()).send(LETTER) == Outcome.again("mail_server_unreachable")


async def test_a_server_without_starttls_gets_no_letter_when_it_is_demanded(
    mail_server: MailServerDouble,
) -> None:
    demanding = SmtpEmail(
        MailServer(host=HOST, port=mail_server.port, security="starttls"),
        sender=Sender(name="x", address="bien-lai@lephi.example.vn"),
        writer=WRITER,
        clock=FrozenClock(NOON),
    )

    outcome = await demanding.send(LETTER)

    assert outcome.verdict is Verdict.AGAIN
    assert not mail_server.raw


async def test_a_server_that_says_nothing_is_a_timeout() -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(hold, HOST, 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        outcome = await email(port, timeout_seconds=0.2).send(LETTER)

    assert outcome == Outcome.again("mail_server_timeout")
