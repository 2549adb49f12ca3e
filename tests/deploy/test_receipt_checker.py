"""Whatever a file does to its judge, the judge comes to an end, and the platform goes on."""

import asyncio
import sys
from pathlib import Path

import pytest

from deploy import receipt_checker
from deploy.receipt_checker import NO_END, VerifierProgram, checkers
from services.receipt.domain.checks.errors import ChecksAreBusy
from services.receipt.domain.checks.verdict import Signatures
from services.receipt.domain.receipts.receipt import Form
from services.receipt.settings import ReceiptSettings

SETTLED = 'import sys; sys.stdin.buffer.read(); print(\'{"valid": true, "items": []}\')'
UNDER_LIMITS = (
    "import sys, resource; from deploy.receipt_checker_program import limit_this_program;"
    "limit_this_program();"
)


def played(text: str) -> VerifierProgram:
    return VerifierProgram(Path("none.json"), program=(sys.executable, "-c", text))


async def test_a_judge_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipt_checker, "SECONDS_MAX", 0.3)
    judge = played("import time; time.sleep(60)")

    async with asyncio.timeout(5):
        assert await judge.check(b"<?xml", form=Form.XML) == NO_END


@pytest.mark.parametrize(
    "hunger",
    ["bytearray(2 << 30)", "open('{folder}/kept', 'wb', 0).write(b'x')"],
    ids=["memory", "a file to keep"],
)
async def test_what_a_judge_may_not_have_ends_it(tmp_path: Path, hunger: str) -> None:
    text = hunger.format(folder=tmp_path)
    honest = 'print(\'{"valid": true, "items": []}\')'

    free = await played(f"{text}; {honest}").check(b"<?xml", form=Form.XML)
    bound = await played(f"{UNDER_LIMITS} {text}; {honest}").check(b"<?xml", form=Form.XML)

    assert free.valid, "without limits it would have gone through"
    assert bound == NO_END


async def test_it_hears_nothing_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIPT_DATABASE_URL", "postgresql://secret")
    judge = played(
        "import os, json, sys; sys.stdin.buffer.read();"
        "print(json.dumps({'valid': 'RECEIPT_DATABASE_URL' not in os.environ, 'items': []}))"
    )

    assert (await judge.check(b"<?xml", form=Form.XML)).valid


async def test_those_who_come_when_too_many_wait_are_told_to_come_again() -> None:
    judge = played("import time, sys; sys.stdin.buffer.read(); time.sleep(0.2); " + SETTLED)
    answers = await asyncio.gather(
        *(judge.check(b"<?xml", form=Form.XML) for _ in range(receipt_checker.WAITING_MAX + 3)),
        return_exceptions=True,
    )

    busy = [one for one in answers if isinstance(one, ChecksAreBusy)]
    assert len(busy) == 3
    assert sum(isinstance(one, Signatures) for one in answers) == receipt_checker.WAITING_MAX
    assert (await judge.check(b"<?xml", form=Form.XML)).valid


async def test_who_has_gone_leaves_no_program_behind() -> None:
    judge = played("import time; time.sleep(60)")
    asking = asyncio.create_task(judge.check(b"<?xml", form=Form.XML))
    await asyncio.sleep(0.3)

    asking.cancel()

    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await asking


@pytest.mark.parametrize("name", ["anchors_file", "keys_dir"])
def test_a_platform_without_anchors_has_no_judge(tmp_path: Path, name: str) -> None:
    settings = ReceiptSettings(database_url="sqlite://", keys_dir=tmp_path / "keys")
    assert checkers("receipt", settings) == {}

    given = tmp_path / ("elsewhere.json" if name == "anchors_file" else "trust/anchors.json")
    given.parent.mkdir(exist_ok=True)
    given.write_text("{}")
    if name == "anchors_file":
        settings = settings.model_copy(update={"anchors_file": given})
    assert list(checkers("receipt", settings)) == ["checker"]
    assert checkers("payment", settings) == {}
