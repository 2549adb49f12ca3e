"""A key that an authority keeps, asked over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from chassis.testing import FrozenClock
from deploy.sandbox_signer.main import CLIENT, CREDENTIAL, Desk, create_app
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.providers.signers import remote_signer
from services.receipt.providers.signers.certificates import require_fits
from services.receipt.providers.signers.configured_signers import (
    KNOWN_FOR,
    LEFT_ALONE,
    ConfiguredSigners,
)
from tests.payment.providers.over_http import listening, served
from tests.receipt.signers.pki import Authority, Key, p256, rsa

AGENCY = "H19.25"
SECRET = "không ai biết"


@dataclass
class Afar:
    desk: Desk
    signers: ConfiguredSigners
    clock: FrozenClock
    # Which paths were asked.
    heard: list[str]

    async def sign(self, content: bytes = b"receipt") -> bytes:
        signer = await self.signers.of(AGENCY)
        return await signer.sign(content)


@pytest.fixture(params=[p256, rsa], ids=["p256", "rsa"])
def key(request: pytest.FixtureRequest) -> Key:
    made: Key = request.param()
    return made


@pytest.fixture
async def afar(key: Key, tmp_path: Path, clock: FrozenClock) -> AsyncIterator[Afar]:
    authority = Authority()
    desk = Desk(key, [authority.certify(key), authority.certificate], SECRET)
    (tmp_path / "secret").touch(mode=0o600)
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    heard: list[str] = []

    async def hear(request: httpx.Request) -> None:
        heard.append(request.url.path)

    hooks = {"request": [hear]}
    async with (
        served(create_app(desk), listening()) as url,
        httpx.AsyncClient(event_hooks=hooks) as client,
    ):
        entry = {
            "name": "afar",
            "kind": "remote",
            "url": url,
            "credential_id": CREDENTIAL,
            "client_id": CLIENT,
            "secret_file": "secret",
        }
        (tmp_path / "signers.json").write_text(json.dumps({"signers": [entry]}))
        signers = ConfiguredSigners(tmp_path, client=client, clock=clock)
        yield Afar(desk, signers, clock, heard)


async def test_it_signs_by_the_digest_alone(afar: Afar) -> None:
    signature = await afar.sign()

    require_fits(afar.desk.certificates[0], b"receipt", signature)


async def test_its_token_is_asked_for_once_and_again_when_it_ends(afar: Afar) -> None:
    await afar.sign()
    await afar.sign()
    once = len(afar.desk.tokens)
    afar.clock.advance(timedelta(seconds=300))
    await afar.sign()

    assert (once, len(afar.desk.tokens)) == (1, 2)


async def test_a_token_it_forgot_is_asked_for_again(afar: Afar) -> None:
    await afar.sign()
    afar.desk.tokens.clear()
    with pytest.raises(SignerUnavailable, match="401"):
        await afar.sign()
    afar.clock.advance(LEFT_ALONE)

    await afar.sign()


async def test_a_wrong_signature_is_used_by_nobody(afar: Afar) -> None:
    await afar.sign()
    afar.desk.moods.wrong_signature = True

    with pytest.raises(SignerUnavailable, match="does not fit its certificate"):
        await afar.sign()


async def test_a_credential_that_is_not_valid_signs_nothing(afar: Afar) -> None:
    afar.desk.moods.not_valid = True

    with pytest.raises(SignerUnavailable, match="not valid"):
        await afar.sign()


async def test_a_credential_that_is_revoked_later_signs_no_more(afar: Afar) -> None:
    await afar.sign()
    afar.desk.moods.not_valid = True
    afar.clock.advance(KNOWN_FOR)

    with pytest.raises(SignerUnavailable, match="not valid"):
        await afar.sign()


async def test_a_certificate_that_is_renewed_under_the_same_name_is_taken_up(
    afar: Afar,
) -> None:
    await afar.sign()
    authority, renewed = Authority(), p256()
    afar.desk.key = renewed
    afar.desk.certificates = [authority.certify(renewed)]
    with pytest.raises(SignerUnavailable, match="does not fit"):
        await afar.sign()
    afar.clock.advance(LEFT_ALONE)

    require_fits(afar.desk.certificates[0], b"receipt", await afar.sign())


async def test_who_holds_a_signer_never_gets_a_signature_of_another_certificate(
    afar: Afar,
) -> None:
    held = await afar.signers.of(AGENCY)
    authority, renewed = Authority(), p256()
    afar.desk.key = renewed
    afar.desk.certificates = [authority.certify(renewed)]
    afar.clock.advance(KNOWN_FOR)
    await afar.sign()

    with pytest.raises(SignerUnavailable, match="does not fit"):
        await held.sign(b"receipt")


async def test_a_token_that_never_ends_is_believed_by_nobody(
    afar: Afar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.sandbox_signer.main.TOKEN_SECONDS", 10**18)

    with pytest.raises(SignerUnavailable, match="cannot be read"):
        await afar.sign()


async def test_one_that_is_down_is_left_alone_for_a_moment_and_then_asked_again(
    afar: Afar,
) -> None:
    await afar.sign()
    afar.desk.moods.down = True
    with pytest.raises(SignerUnavailable, match="503"):
        await afar.sign()
    afar.desk.moods.down = False
    with pytest.raises(SignerUnavailable, match="503"):
        await afar.sign()
    afar.clock.advance(LEFT_ALONE)

    await afar.sign()


async def test_a_slow_one_is_not_waited_for_longer_than_its_bound(
    afar: Afar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_signer, "SECONDS_MAX", 0.2)
    afar.desk.moods.seconds = 2.0

    with pytest.raises(SignerUnavailable):
        await afar.sign()


async def test_its_secret_is_told_to_nobody_else(
    afar: Afar, capsys: pytest.CaptureFixture[str]
) -> None:
    afar.desk.secret = "anders"

    with pytest.raises(SignerUnavailable) as refused:
        await afar.sign()

    told = capsys.readouterr()
    assert SECRET not in str(refused.value) + told.out + told.err


async def test_many_that_come_while_it_is_being_opened_ask_it_once(afar: Afar) -> None:
    afar.desk.moods.down = True

    refused = await asyncio.gather(*(afar.sign() for _ in range(8)), return_exceptions=True)

    assert {type(one) for one in refused} == {SignerUnavailable}
    assert afar.heard == ["/oauth2/token"]
