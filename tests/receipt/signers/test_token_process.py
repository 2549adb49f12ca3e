"""Tokens that hang: one is stopped while its library works, another goes on signing."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.receipt.domain.errors import SignerUnavailable
from services.receipt.providers.signers import token_process
from services.receipt.providers.signers.token_process import TokenProcess, Tokens
from tests.receipt.signers.test_pkcs11_signer import KEY, LABEL, MODULE, PIN, Token, token
from tests.waiting import until

__all__ = ["token"]
SIGN = {"do": "sign", "label": KEY, "pin": PIN, "rsa": False, "content": "cmVjZWlwdA=="}
# Answers when it is told to by a file, and says how often it was asked.
PLAYED = """
import json, pathlib, sys, time
here = pathlib.Path(sys.argv[0]).parent
for line in sys.stdin:
    with (here / "asked").open("a") as asked:
        asked.write("x")
    while not (here / "go").exists():
        time.sleep(0.01)
    print(json.dumps({"answer": "b2s="}), flush=True)
"""


@pytest.fixture
async def played(tmp_path: Path) -> AsyncIterator[TokenProcess]:
    program = tmp_path / "played.py"
    program.write_text(PLAYED)
    made = TokenProcess(Path("/nowhere.so"), "played", program=program)
    yield made
    await made.close()


def short(monkeypatch: pytest.MonkeyPatch, *, given_up: float = 60.0) -> None:
    monkeypatch.setattr(token_process, "SECONDS_MAX", 0.3)
    monkeypatch.setattr(token_process, "FIRST_SECONDS_MAX", 0.3)
    monkeypatch.setattr(token_process, "GIVEN_UP_SECONDS", given_up)


async def free(held: TokenProcess) -> None:
    async def stuck() -> bool:
        return held.stuck

    await until(stuck, is_now=False)


async def test_a_token_that_hangs_holds_up_no_other_of_the_same_library(
    token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    token.make("p256", certificate_inside=True)
    token.make_another("khac")
    monkeypatch.setenv("SOFTHSM2_CONF", str(token.folder / "softhsm2.conf"))
    tokens = Tokens()
    hung, other = tokens.of(MODULE, LABEL), tokens.of(MODULE, "khac")
    try:
        await hung.ask(SIGN)
        await other.ask(SIGN)
        assert hung.pid is not None
        monkeypatch.setattr(token_process, "SECONDS_MAX", 1.0)
        os.kill(hung.pid, signal.SIGSTOP)

        waiting = [asyncio.create_task(hung.ask(SIGN)) for _ in range(8)]
        signatures = [await other.ask(SIGN) for _ in range(20)]
        refused = await asyncio.gather(*waiting, return_exceptions=True)
        with pytest.raises(SignerUnavailable, match="stuck"):
            await hung.ask(SIGN)
        was_stuck = hung.stuck
        os.kill(hung.pid, signal.SIGCONT)
        await free(hung)

        assert was_stuck
        assert {len(one) for one in signatures} == {64}
        assert all(isinstance(one, SignerUnavailable) for one in refused)
        assert len(await hung.ask(SIGN)) == 64
    finally:
        await tokens.close()


async def test_what_a_stuck_call_answers_late_is_given_to_nobody_else(
    played: TokenProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch)
    with pytest.raises(SignerUnavailable, match="in time"):
        await played.ask(SIGN)
    with pytest.raises(SignerUnavailable, match="stuck"):
        await played.ask(SIGN)

    async def asked() -> bool:
        return (tmp_path / "asked").exists()

    await until(asked, is_now=True)
    (tmp_path / "go").touch()
    await free(played)
    monkeypatch.setattr(token_process, "SECONDS_MAX", 20.0)

    assert await played.ask(SIGN) == b"ok"
    assert (tmp_path / "asked").read_text() == "xx"


async def test_who_waited_behind_a_call_that_hangs_begins_no_other_beside_it(
    played: TokenProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch)
    first = asyncio.create_task(played.ask(SIGN))
    await asyncio.sleep(0.15)

    with pytest.raises(SignerUnavailable, match="stuck"):
        await played.ask(SIGN)

    with pytest.raises(SignerUnavailable, match="in time"):
        await first
    (tmp_path / "go").touch()
    await free(played)
    assert (tmp_path / "asked").read_text() == "x"


async def test_a_call_that_never_returns_is_given_up_and_the_token_begun_anew(
    played: TokenProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch, given_up=2.0)
    with pytest.raises(SignerUnavailable):
        await played.ask(SIGN)
    first = played.pid
    await free(played)
    (tmp_path / "go").touch()
    monkeypatch.setattr(token_process, "FIRST_SECONDS_MAX", 20.0)

    assert await played.ask(SIGN) == b"ok"
    assert first is not None
    assert not Path(f"/proc/{first}").exists()


async def test_the_line_before_a_token_has_an_end(
    played: TokenProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_process, "WAITING_MAX", 3)
    waiting = [asyncio.create_task(played.ask(SIGN)) for _ in range(3)]
    await asyncio.sleep(0)

    with pytest.raises(SignerUnavailable, match="too many"):
        await played.ask(SIGN)

    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_the_process_of_a_hung_token_ends_with_the_service(token: Token) -> None:
    """Its reader sees the end even while the one who asks the library does not return."""
    token.make("p256", certificate_inside=True)
    hanging = token.folder / "hanging.py"
    text = token_process.PROGRAM.read_text("utf-8")
    wait = "import time; time.sleep(600)\n"
    hanging.write_text(text.replace("sessions = Sessions()", f"sessions = Sessions(); {wait}"))
    run = [sys.executable, "-P", str(hanging)]
    begun = await asyncio.create_subprocess_exec(*run, stdin=asyncio.subprocess.PIPE)
    assert begun.stdin is not None
    begun.stdin.write(b"{}\n")
    await begun.stdin.drain()
    begun.stdin.close()

    assert await asyncio.wait_for(begun.wait(), 20) == 0


async def test_a_process_that_ends_by_itself_is_begun_anew(tmp_path: Path) -> None:
    program = tmp_path / "ends.py"
    program.write_text("import sys\nsys.stdin.readline()\n")
    made = TokenProcess(Path("/nowhere.so"), "ends", program=program)
    with pytest.raises(SignerUnavailable, match="ended"):
        await made.ask(SIGN)
    program.write_text(PLAYED)
    (tmp_path / "go").touch()

    assert await made.ask(SIGN) == b"ok"
    await made.close()
