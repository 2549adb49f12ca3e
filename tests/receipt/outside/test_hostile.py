"""Answers meant to harm: they are not knowing, cost little, and leave no secret anywhere."""

import base64
import io
import json
import logging
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from chassis.testing import FrozenClock
from deploy.sandbox_issuers.behaviour import BOMB, OUTSIDE_ENTITY, Mode
from services.receipt.domain.receipts.receipt import Form
from services.receipt.providers.outside import ADAPTERS
from services.receipt.providers.outside.adapter import Question, Reply, UnusableReply
from services.receipt.providers.outside.config import BadIssuerFile, by_agency, read_configs
from services.receipt.providers.outside.safe_xml import parse_xml
from services.receipt.providers.outside.viettel import XML_BYTES_MAX
from tests.receipt.outside.town import VIETTEL, VNPT, Town, register
from tests.receipt.samples import NOON, SECRET

HOSTILE = [Mode.BOMB, Mode.OUTSIDE_ENTITY, Mode.WRONG_ENCODING, Mode.HUGE, Mode.GARBAGE]
PUBLISH = {VNPT: "ImportAndPublishInv", VIETTEL: "createInvoice"}
FILE = {VNPT: "downloadInvFkeyNoPay", VIETTEL: "file"}


@pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
@pytest.mark.parametrize("mode", HOSTILE)
async def test_a_hostile_answer_is_not_knowing_and_the_receipt_is_found_afterwards(
    outside: Town, clock: FrozenClock, issuer: str, mode: Mode
) -> None:
    fee = outside.fee(issuer)
    await outside.pay(fee=fee)
    outside.tell(mode, PUBLISH[issuer], issuer)
    await outside.ask(issuer)
    assert await outside.states() == ["unknown"]
    clock.advance(timedelta(seconds=2))
    outside.tell(mode, FILE[issuer], issuer)
    await outside.ask(issuer)
    assert await outside.states() == ["unknown"]
    clock.advance(timedelta(seconds=10))

    await outside.ask(issuer)

    assert [one.number.number for one in await outside.receipts(fee)] == [1]
    assert outside.their_numbers(issuer) == [1]


async def test_an_answer_without_end_is_not_read_to_its_end(outside: Town) -> None:
    await outside.pay(fee=outside.fee(VNPT))
    outside.tell(Mode.HUGE, PUBLISH[VNPT])

    with structlog.testing.capture_logs() as logs:
        await outside.ask()

    assert [one["why"] for one in logs if "why" in one] == ["too long"]


@pytest.mark.parametrize(
    "raw",
    [
        BOMB,
        OUTSIDE_ENTITY,
        b"<!DOCTYPE a><a/>",
        '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
        "<?xml version='1.0' encoding='iso-8859-1'?><a>Đ</a>".encode("utf-16-le"),
        b"<a>" * 5000,
        b"<a></b>",
        b"",
        b"\x00",
    ],
)
def test_hostile_xml_is_refused_before_it_costs_anything(raw: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(UnusableReply):
        parse_xml(raw)
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


def test_a_zip_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("invoice.xml", b"<a>" + b" " * (XML_BYTES_MAX + 1) + b"</a>")
    assert len(packed.getvalue()) < 10_000
    register(tmp_path)
    (config,) = [c for c in read_configs(tmp_path, sandbox_url="http://x") if c.name == VIETTEL]
    adapter = ADAPTERS[VIETTEL](config)
    said = {"errorCode": None, "fileToBytes": base64.b64encode(packed.getvalue()).decode()}

    with pytest.raises(UnusableReply, match="too long"):
        adapter.read_file(
            Question(key="k", at=NOON, form=Form.XML),
            Reply(status=200, body=json.dumps(said).encode()),
        )


@pytest.mark.parametrize("issuer", [VNPT, VIETTEL])
async def test_neither_secrets_nor_who_paid_reach_a_log_an_event_or_an_error(
    outside: Town, clock: FrozenClock, caplog: pytest.LogCaptureFixture, issuer: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logs:
        for mode in (Mode.TROUBLE, Mode.SILENT, Mode.GARBAGE, Mode.NORMAL):
            await outside.pay(fee=outside.fee(issuer))
            outside.tell(mode, issuer=issuer)
            await outside.ask(issuer)
        outside.tell(Mode.ERROR, PUBLISH[issuer], issuer, code="3")
        await outside.pay(fee=outside.fee(issuer))
        await outside.ask(issuer)

    everything = "\n".join(
        [caplog.text, repr(logs), repr(await outside.said()), repr(outside.issuers[issuer])]
    )
    assert len(logs) >= 3
    desk = outside.desks[issuer]
    for secret in (*desk.secrets.values(), SECRET["full_name"], SECRET["identity_number"]):
        assert secret not in everything
    for config in read_configs(outside.keys_dir, sandbox_url=outside.url):
        assert not any(secret in repr(config) for secret in config.secrets.values())


def test_a_collecting_body_with_two_issuers_is_refused_at_the_start(tmp_path: Path) -> None:
    register(tmp_path)
    path = tmp_path / "receipt-issuers" / "viettel.json"
    said = json.loads(path.read_text("utf-8")) | {"agencies": ["H19.25"]}
    path.write_text(json.dumps(said), "utf-8")

    with pytest.raises(BadIssuerFile, match=r"H19\.25"):
        by_agency(read_configs(tmp_path, sandbox_url="http://x"))


@pytest.mark.parametrize(
    "changes",
    [{"agencies": "H19.25"}, {"secrets": {"password": 1}}, {"password": "x"}, {"url": 5}],
)
def test_a_file_one_would_have_to_guess_about_stops_the_start(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    register(tmp_path)
    path = tmp_path / "receipt-issuers" / "vnpt.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")

    with pytest.raises(BadIssuerFile):
        read_configs(tmp_path, sandbox_url="http://x")
