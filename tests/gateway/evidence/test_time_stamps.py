"""Time stamps over the network: from whom we trust, for what we asked, of now, and soon."""

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest
from asn1crypto import tsp

from chassis.clock import Clock
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.sandbox_authority.main import create_authority
from deploy.sandbox_authority.time_stamps import TimeStamper
from deploy.verifier.anchors import Anchors
from deploy.verifier.time_stamp import read_time_stamp
from deploy.verifier.verdict import Broken
from gateway.assembly.time_stamps import time_stamps as make_time_stamps
from gateway.authentication.evidence.stamp_tokens import TrustedStamps
from gateway.domain.evidence.errors import TimeStampUnavailable
from gateway.providers import time_stamps
from gateway.providers.time_stamps import ANSWER_BYTES_MAX, HttpTimeStamps, _request
from gateway.settings import GatewaySettings
from tests.gateway.evidence.rig import NONCE, token_of
from tests.gateway.proofs.test_revocation import serving

CONTENT: Final = b"a checkpoint"
# A status of 2, and no token.
REFUSAL: Final = bytes.fromhex("30053003020102")
IMPRINT: Final = hashlib.sha256(CONTENT).digest()


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    ensure_development_keys(folder, clock=FrozenClock())
    return folder


def asker(url: str, var_dir: Path, *, clock: Clock | None = None) -> HttpTimeStamps:
    folder = var_dir / "keys" / "trust" / "tsa-ca"
    trusted = TrustedStamps.from_directory(folder, clock=clock or FrozenClock())
    return HttpTimeStamps(url, trusted, ids=SystemIds())


def authority(
    keys_dir: Path, *, clock: Clock | None = None, change: Callable[[bytes], bytes] | None = None
) -> Callable[[bytes], bytes]:
    stamper, used = TimeStamper.from_directory(keys_dir), clock or FrozenClock()

    def answer(asked: bytes) -> bytes:
        wanted = change(asked) if change else asked
        return stamper.answer(wanted, serial=7, now=used.now())

    return answer


async def test_a_stamp_is_taken_checked_and_proved_by_an_outsider(var_dir: Path) -> None:
    with serving(authority(var_dir / "keys")) as url:
        stamp = await asker(url, var_dir).stamp(CONTENT)

    assert stamp.at == FrozenClock().now()
    anchors = Anchors.of(var_dir / "trust" / "anchors.json")
    assert read_time_stamp(stamp.token, CONTENT, anchors) == stamp.at
    with pytest.raises(Broken, match="over something else"):
        read_time_stamp(stamp.token, CONTENT + b" ", anchors)


async def test_the_sandbox_program_answers_as_an_authority_does(var_dir: Path) -> None:
    app = create_authority(var_dir / "keys", clock=FrozenClock())
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://authority")

    said = await http.post("/tsa", content=_request(IMPRINT, 1))
    nonsense = await http.post("/tsa", content=b"what time is it?")

    answer = tsp.TimeStampResp.load(said.content, strict=True)
    assert answer["status"]["status"].native == "granted"
    assert (nonsense.status_code, nonsense.json()["code"]) == (400, "unreadable_question")
    await http.aclose()


def of_another_question(asked: bytes) -> bytes:
    return _request(tsp.TimeStampReq.load(asked)["message_imprint"]["hashed_message"].native, 1)


def of_other_content(asked: bytes) -> bytes:
    return _request(bytes(32), tsp.TimeStampReq.load(asked)["nonce"].native)


@pytest.mark.parametrize(
    ("change", "said"),
    [(of_another_question, "another question"), (of_other_content, "something else")],
)
async def test_an_answer_to_something_else_is_refused(
    var_dir: Path, change: Callable[[bytes], bytes], said: str
) -> None:
    with (
        serving(authority(var_dir / "keys", change=change)) as url,
        pytest.raises(TimeStampUnavailable, match=said),
    ):
        await asker(url, var_dir).stamp(CONTENT)


async def test_an_authority_that_nobody_vouches_for_is_refused(
    var_dir: Path, tmp_path: Path
) -> None:
    ensure_development_keys(tmp_path, clock=FrozenClock())
    with (
        serving(authority(tmp_path / "keys")) as url,
        pytest.raises(TimeStampUnavailable, match="nobody we trust"),
    ):
        await asker(url, var_dir).stamp(CONTENT)


@pytest.mark.parametrize("off", [timedelta(minutes=6), -timedelta(minutes=6)])
async def test_a_time_that_is_not_now_is_refused(var_dir: Path, off: timedelta) -> None:
    clock = FrozenClock()
    clock.advance(off)
    with (
        serving(authority(var_dir / "keys", clock=clock)) as url,
        pytest.raises(TimeStampUnavailable, match="not ours"),
    ):
        await asker(url, var_dir).stamp(CONTENT)


async def test_an_expired_certificate_stamps_nothing(var_dir: Path) -> None:
    clock = FrozenClock()
    clock.advance(timedelta(days=365 * 4))
    with (
        serving(authority(var_dir / "keys", clock=clock)) as url,
        pytest.raises(TimeStampUnavailable, match="run out"),
    ):
        await asker(url, var_dir, clock=clock).stamp(CONTENT)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _: b"", "cannot be read"),
        (lambda _: b"<html>", "cannot be read"),
        (lambda _: bytes(ANSWER_BYTES_MAX + 1), "too much"),
        (lambda _: REFUSAL, "not grant|cannot be read"),
    ],
    ids=["nothing", "a page", "too much", "a refusal"],
)
async def test_whatever_is_no_stamp_is_none(
    var_dir: Path, answer: Callable[[bytes], bytes], said: str
) -> None:
    with serving(answer) as url, pytest.raises(TimeStampUnavailable, match=said):
        await asker(url, var_dir).stamp(CONTENT)


async def test_an_authority_out_of_reach_or_asleep_is_not_waited_for(
    var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_stamps, "SECONDS_MAX", 0.1)

    def sleep(_: bytes) -> bytes:
        time.sleep(1)
        return b""

    with pytest.raises(TimeStampUnavailable):
        await asker("http://127.0.0.1:9/", var_dir).stamp(CONTENT)
    with serving(sleep) as url, pytest.raises(TimeStampUnavailable, match="Time"):
        await asker(url, var_dir).stamp(CONTENT)


def test_changed_bytes_of_a_token_never_move_its_time_nor_its_content(var_dir: Path) -> None:
    """Bytes that nobody signs (a name, a version) may change; what they say may not."""
    clock = FrozenClock()
    token = token_of(TimeStamper.from_directory(var_dir / "keys"), CONTENT, clock=clock)
    trusted = TrustedStamps.from_directory(var_dir / "keys" / "trust" / "tsa-ca", clock=clock)
    anchors = Anchors.of(var_dir / "trust" / "anchors.json")

    for place in range(len(token)):
        changed = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        with suppress(TimeStampUnavailable):
            assert trusted.check(changed, imprint=IMPRINT, nonce=NONCE) == clock.now()
        with suppress(Broken):
            assert read_time_stamp(changed, CONTENT, anchors) == clock.now()


def test_an_authority_without_roots_is_a_mistake_to_stop_at(tmp_path: Path) -> None:
    told = GatewaySettings(database_url="sqlite+aiosqlite://", var_dir=tmp_path, keys_dir=tmp_path)

    assert make_time_stamps(told, clock=FrozenClock(), ids=SystemIds()) is None
    told.tsa_url = "http://127.0.0.1:9/"
    with pytest.raises(ValueError, match="roots"):
        make_time_stamps(told, clock=FrozenClock(), ids=SystemIds())
