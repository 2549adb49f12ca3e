"""A remote signer that wants to see a certificate, and shows one that only we know, on loopback."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from chassis.testing import FrozenClock
from deploy.sandbox_signer.main import CLIENT, CREDENTIAL, Desk, create_app
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.providers.signers.certificates import require_fits
from services.receipt.providers.signers.configured_signers import LEFT_ALONE, ConfiguredSigners
from tests.payment.providers.over_http import listening
from tests.receipt.signers.pki import Authority, p256, pem, write_pair

SECRET = "không ai biết"
OURS = {"ca_file": "tls-ca.pem", "client_certificate": "us.pem", "client_key": "us.key.pem"}


@pytest.fixture
def desk() -> Desk:
    key = p256()
    return Desk(key, [Authority().certify(key)], SECRET)


@pytest.fixture
async def url(desk: Desk, tmp_path: Path) -> AsyncIterator[str]:
    """The service with TLS, asking whoever calls for a certificate of its authority."""
    authority, server, us = Authority(), p256(), p256()
    (tmp_path / "tls-ca.pem").write_bytes(pem(authority.certificate))
    write_pair(tmp_path, "server", server, authority.certify_server(server))
    write_pair(tmp_path, "us", us, authority.certify_server(us, called="lephi"))
    stranger = Authority()
    write_pair(tmp_path, "stranger", us, stranger.certify_server(us, called="lephi"))
    (tmp_path / "other-ca.pem").write_bytes(pem(stranger.certificate))
    (tmp_path / "secret").touch(mode=0o600)
    (tmp_path / "secret").write_text(SECRET)
    config = uvicorn.Config(
        create_app(desk),
        log_level="critical",
        ssl_certfile=tmp_path / "server.pem",
        ssl_keyfile=tmp_path / "server.key.pem",
        ssl_ca_certs=str(tmp_path / "tls-ca.pem"),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
    )
    server_task = uvicorn.Server(config)
    socket = listening()
    running = asyncio.create_task(server_task.serve(sockets=[socket]))
    async with asyncio.timeout(10):
        while not server_task.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    yield f"https://127.0.0.1:{socket.getsockname()[1]}"
    server_task.should_exit = True
    await running


def configure(folder: Path, url: str, **tls: str) -> None:
    entry: dict[str, Any] = {
        "name": "afar",
        "kind": "remote",
        "url": url,
        "credential_id": CREDENTIAL,
        "client_id": CLIENT,
        "secret_file": "secret",
    }
    (folder / "signers.json").write_text(json.dumps({"signers": [{**entry, **tls}]}))


async def sign(folder: Path, clock: FrozenClock) -> bytes:
    async with httpx.AsyncClient() as client:
        signers = ConfiguredSigners(folder, client=client, clock=clock)
        try:
            return await (await signers.of("H19.25")).sign(b"receipt")
        finally:
            await signers.close()


async def test_both_show_their_certificates(
    url: str, desk: Desk, tmp_path: Path, clock: FrozenClock
) -> None:
    configure(tmp_path, url, **OURS)

    require_fits(desk.certificates[0], b"receipt", await sign(tmp_path, clock))


@pytest.mark.parametrize(
    "tls",
    [
        pytest.param({}, id="we know neither them nor ourselves"),
        pytest.param({"ca_file": "tls-ca.pem"}, id="we show nothing"),
        pytest.param(
            {**OURS, "client_certificate": "stranger.pem", "client_key": "stranger.key.pem"},
            id="we show what they do not know",
        ),
        pytest.param({**OURS, "ca_file": "other-ca.pem"}, id="they show what we do not know"),
    ],
)
async def test_without_one_of_them_nothing_is_said(
    url: str, desk: Desk, tmp_path: Path, clock: FrozenClock, tls: dict[str, str]
) -> None:
    configure(tmp_path, url, **tls)

    with pytest.raises(SignerUnavailable):
        await sign(tmp_path, clock)

    assert (desk.tokens, desk.signed) == (set(), 0)


async def test_a_renewed_certificate_of_ours_is_taken_up(
    url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    ours = {name: (tmp_path / name).read_bytes() for name in ("us.pem", "us.key.pem")}
    (tmp_path / "us.pem").write_bytes((tmp_path / "stranger.pem").read_bytes())
    configure(tmp_path, url, **OURS)
    async with httpx.AsyncClient() as client:
        signers = ConfiguredSigners(tmp_path, client=client, clock=clock)
        with pytest.raises(SignerUnavailable):
            await signers.of("H19.25")

        (tmp_path / "us.pem").write_bytes(ours["us.pem"])
        clock.advance(LEFT_ALONE)
        await (await signers.of("H19.25")).sign(b"receipt")
        await signers.close()


async def test_a_key_file_that_is_not_there_is_said_without_a_word_of_it(
    url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    (tmp_path / "us.key.pem").write_text("geheim")
    configure(tmp_path, url, **OURS)

    with pytest.raises(SignerUnavailable, match="cannot be opened") as refused:
        await sign(tmp_path, clock)

    assert "geheim" not in str(refused.value)
