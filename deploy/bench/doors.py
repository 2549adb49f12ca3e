"""What the gateway's door costs: signed requests through it, beside the bare call to the service.

The same look-up each time, all of it on this machine and in this run. Requests are signed, and
tokens minted, before the clock starts: what the caller burns is not the door's.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from chassis.auth import Caller, TokenMinter
from chassis.clock import SystemClock
from chassis.ids import SystemIds
from chassis.keys import PrivateKey, load_private_key, thumbprint
from chassis.message_signatures import (
    FEE_REQUEST,
    READ,
    RequestSigner,
    SignedMessage,
    verify,
)
from deploy.bench.processes import read_cpu
from deploy.stack import Stack

# Few enough that none is older than its signature's minute when it is sent.
REQUESTS: Final = 1000
IN_FLIGHT: Final = 16
ROUNDS: Final = 3
VERIFIED: Final = 2000
CLIENT: Final = "portal-demo"
TARGET: Final = "/v1/payment-intents?limit=1"
# What works for a request: its door, the service behind, and the database of both.
PARTS: Final = ("gateway", "payment", "postgresql")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorFigures:
    """CPU milliseconds of one request, by process; medians over the rounds."""

    through_cpu_ms: Mapping[str, float]
    bare_cpu_ms: Mapping[str, float]
    through_per_second: float
    bare_per_second: float
    verify_microseconds: float

    @property
    def added_cpu_ms(self) -> float:
        return sum(self.through_cpu_ms.values()) - sum(self.bare_cpu_ms.values())

    @property
    def verified_per_second_and_core(self) -> float:
        """How many signed requests one core of gateways lets in, nonce and hop included."""
        return 1000 / self.through_cpu_ms["gateway"]


async def measure(
    stack: Stack, pids: Mapping[str, int], http: aiohttp.ClientSession
) -> DoorFigures:
    keys_dir = stack.var_dir / "keys"
    key = load_private_key(keys_dir / "clients" / f"{CLIENT}.key.pem")
    through, bare = [], []
    for _round in range(ROUNDS):
        through.append(await _spend(pids, http, _signed(stack, key)))
        bare.append(await _spend(pids, http, _minted(stack, keys_dir)))
    return DoorFigures(
        through_cpu_ms=_medians([spent for spent, _rate in through]),
        bare_cpu_ms=_medians([spent for spent, _rate in bare]),
        through_per_second=statistics.median(rate for _spent, rate in through),
        bare_per_second=statistics.median(rate for _spent, rate in bare),
        verify_microseconds=_verify_alone(key),
    )


def table(figures: DoorFigures) -> str:
    lines = [
        "",
        f"the door: {REQUESTS} signed look-ups a round, {IN_FLIGHT} in flight, and the bare call",
        f"{'CPU ms a request':28}{'through':>12}{'bare':>12}",
    ]
    lines += [
        f"{name:28}{figures.through_cpu_ms[name]:12.2f}{figures.bare_cpu_ms[name]:12.2f}"
        for name in PARTS
    ]
    return "\n".join(
        [
            *lines,
            (
                f"{'requests a second':28}{figures.through_per_second:12.0f}"
                f"{figures.bare_per_second:12.0f}"
            ),
            f"added by the door: {figures.added_cpu_ms:.2f} ms CPU",
            (
                "signed requests a second and core of gateway:"
                f" {figures.verified_per_second_and_core:.0f}"
            ),
            f"one signature verified, P-256 or Ed25519: {figures.verify_microseconds:.0f} µs",
        ]
    )


def _signed(stack: Stack, key: PrivateKey) -> Sequence[tuple[str, Mapping[str, str]]]:
    signer = _signer(key)
    url = stack.url("gateway") + TARGET
    return [(url, signer.headers("GET", url, shape=READ)) for _ in range(REQUESTS)]


def _minted(stack: Stack, keys_dir: Path) -> Sequence[tuple[str, Mapping[str, str]]]:
    clock = SystemClock()
    minter = TokenMinter.from_directory(
        "gateway", keys_dir / "internal", clock=clock, ids=SystemIds(clock)
    )
    caller = Caller(
        subject=CLIENT, kind="client", client_id=CLIENT, scopes=frozenset({"payment.read"})
    )
    url = stack.url("payment") + TARGET
    return [
        (
            url,
            {
                "authorization": "Bearer "
                + minter.mint(
                    audience="payment", method="GET", target=TARGET, body=b"", caller=caller
                )
            },
        )
        for _ in range(REQUESTS)
    ]


async def _spend(
    pids: Mapping[str, int],
    http: aiohttp.ClientSession,
    requests: Sequence[tuple[str, Mapping[str, str]]],
) -> tuple[Mapping[str, float], float]:
    """CPU milliseconds of one request by part, and requests a second."""
    before, began = read_cpu(pids), time.monotonic()
    await _run(requests, lambda one: _get(http, *one))
    seconds, spent = time.monotonic() - began, read_cpu(pids).since(before)
    costs = {name: spent.cpu_seconds[name] / len(requests) * 1000 for name in PARTS}
    return costs, len(requests) / seconds


async def _run(
    requests: Sequence[tuple[str, Mapping[str, str]]],
    send: Callable[[tuple[str, Mapping[str, str]]], Awaitable[None]],
) -> None:
    waiting = iter(requests)

    async def work() -> None:
        for one in waiting:
            await send(one)

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))


async def _get(http: aiohttp.ClientSession, url: str, headers: Mapping[str, str]) -> None:
    async with http.get(url, headers=headers) as answer:
        raw = await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{url}: {answer.status} {raw[:300]!r}")


def _verify_alone(key: PrivateKey) -> float:
    """Microseconds for one fee request's signature, digest and parsing, with nothing around."""
    clock = SystemClock()
    url, body = "http://127.0.0.1/v1/dossiers", b"{}" * 200
    headers = _signer(key).headers(
        "POST", url, body, shape=FEE_REQUEST, extra={"idempotency-key": "order-0001"}
    )
    message = SignedMessage(method="POST", url=url, headers=tuple(headers.items()), body=body)
    public, now = key.public_key(), clock.now()
    began = time.process_time()
    for _ in range(VERIFIED):
        verify(message, shape=FEE_REQUEST, key=public, now=now)
    return (time.process_time() - began) / VERIFIED * 1e6


def _signer(key: PrivateKey) -> RequestSigner:
    clock = SystemClock()
    return RequestSigner(
        CLIENT, thumbprint(key.public_key()), key, clock=clock, ids=SystemIds(clock)
    )


def _medians(spent: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    return {name: statistics.median(one[name] for one in spent) for name in PARTS}
