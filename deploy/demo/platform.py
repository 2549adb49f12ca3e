"""The platform under the demo: started for it and stopped after it, or one that runs already."""

import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx

from deploy import processes
from deploy.demo.context import Place
from deploy.development_keys import ensure_development_keys
from deploy.stack import BANK_PORT_OFFSET

START_SECONDS_MAX: Final = 60.0
GRACE_SECONDS: Final = 25.0
LOOK_AGAIN_SECONDS: Final = 0.1
# Where the notification service sends its mail unless it is told otherwise.
SMTP_PORT: Final = 8425
# A code of the authenticator counts once and the journey needs four: thirty seconds each would be
# a long time to look at. Only the demo's own platform is told so.
CODE_PERIOD_SECONDS: Final = 3
ROOT: Final = Path(__file__).parents[2]


class PlatformNotUp(Exception):
    """What was waited for, and the end of its log."""


@contextmanager
def embedded_platform(var_dir: Path, out: Path, *, host: str = "127.0.0.1") -> Iterator[Place]:
    """One process for the platform, one for the bank, on free ports, with empty databases.

    `host` is this machine, as browsers are to call it.
    """
    var_dir = var_dir.absolute()
    ensure_development_keys(var_dir)
    data = var_dir / "demo"
    shutil.rmtree(data, ignore_errors=True)
    gateway_port, bank_port, smtp_port, authority_port = free_ports(4)
    place = _place(var_dir, out, gateway_port, bank_port, smtp_port)
    place = replace(place, gateway_url=f"http://{host}:{gateway_port}")
    platform = _program(
        "platform",
        ("serve", "--embedded", "--port", str(gateway_port), "--var-dir", str(data)),
        log=data / "log" / "platform.log",
        environment={
            "LEPHI_KEYS_DIR": str(var_dir / "keys"),
            "LEPHI_AUTHORITY_PORT": str(authority_port),
            "GATEWAY_PUBLIC_ORIGIN": place.gateway_url,
            # So that what the journey leaves in the audit log is signed before its end.
            "GATEWAY_AUDIT_CHECKPOINT_SECONDS": "1",
            "GATEWAY_TOTP_PERIOD_SECONDS": str(CODE_PERIOD_SECONDS),
            "NOTIFICATION_SMTP_HOST": "127.0.0.1",
            "NOTIFICATION_SMTP_PORT": str(smtp_port),
            "NOTIFICATION_ALLOW_PRIVATE_WEBHOOKS": "true",
            "PAYMENT_SANDBOX_BANK_URL": place.bank_url,
        },
    )
    bank = _program(
        "bank",
        (
            *("bank", "--port", str(bank_port), "--gateway-url", place.gateway_url),
            *("--key", str(var_dir / "keys" / "clients" / "bank-sandbox.key.pem")),
        ),
        log=data / "log" / "bank.log",
        environment={},
    )
    started: list[processes.Started] = []
    try:
        # Side by side: most of a start is reading code, and there is more than one core.
        started += [processes.start(program) for program in (platform, bank)]
        for program, process, url in zip(
            (platform, bank), started, (place.gateway_url, place.bank_url), strict=True
        ):
            _wait_until_up(url, program=program, started=process)
        yield place
    finally:
        processes.stop(started, grace_seconds=GRACE_SECONDS)


@contextmanager
def services_platform(
    var_dir: Path, out: Path, *, base_port: int, smtp_port: int | None = None
) -> Iterator[Place]:
    """The services that `lephi up` started; they stay up."""
    smtp_port = smtp_port or int(os.environ.get("NOTIFICATION_SMTP_PORT", SMTP_PORT))
    place = _place(var_dir.absolute(), out, base_port, base_port + BANK_PORT_OFFSET, smtp_port)
    for url in (place.gateway_url, place.bank_url):
        if not _is_up(url):
            raise PlatformNotUp(f"Nothing answers at {url}. Start it with: make up")
    yield place


def free_ports(count: int) -> Sequence[int]:
    """Ports nobody listens on now; all are held until all are known."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _place(var_dir: Path, out: Path, gateway: int, bank: int, smtp: int) -> Place:
    return Place(
        gateway_url=f"http://127.0.0.1:{gateway}",
        bank_url=f"http://127.0.0.1:{bank}",
        smtp_port=smtp,
        anchors=var_dir / "trust" / "anchors.json",
        portal_key=var_dir / "keys" / "clients" / "portal-demo.key.pem",
        out=out,
    )


def _program(
    name: str, arguments: Sequence[str], *, log: Path, environment: dict[str, str]
) -> processes.Program:
    return processes.Program(
        name=name,
        command=(sys.executable, "-m", "deploy", *arguments),
        log=log,
        environment={**os.environ, **environment},
        folder=ROOT,
    )


def _wait_until_up(url: str, *, program: processes.Program, started: processes.Started) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not _is_up(url):
        if not started.is_running() or time.monotonic() > deadline:
            raise PlatformNotUp(
                f"The {program.name} did not start. Its log, {program.log}, ends:\n"
                + processes.tail(program.log)
            )
        time.sleep(LOOK_AGAIN_SECONDS)


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=2.0).status_code == 200
    except httpx.HTTPError:
        return False
