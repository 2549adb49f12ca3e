"""Tells the platform of payments: as each provider does, again until it is heard."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Final

import httpx

from chassis.ids import Ids
from deploy.sandbox_providers.order import Behaviour, SandboxOrder
from deploy.sandbox_providers.player import Player, SignedNotice

TRIES_MAX: Final = 8
FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 10.0
LATE_SECONDS: Final = 5.0
ANSWER_LENGTH_MAX: Final = 4000


@dataclass(frozen=True, slots=True)
class Told:
    """One posting of one notice; no status: nobody answered."""

    status: int | None
    answer: str
    heard: bool


@dataclass(slots=True)
class Teller:
    gateway_url: str
    client: httpx.AsyncClient
    ids: Ids
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def url_of(self, provider: str) -> str:
        return f"{self.gateway_url.rstrip('/')}/v1/provider-notifications/{provider}"

    def schedule(self, player: Player, order: SandboxOrder) -> None:
        """In the background, as the order's behaviour says."""
        if order.behaviour is Behaviour.SILENT:
            return
        task = asyncio.create_task(self._tell(player, order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def post(self, player: Player, order: SandboxOrder, *, notice_id: str) -> Told:
        notice = player.notice(order, notice_id=notice_id)
        if notice is None:
            return Told(None, "this provider sends no notice of that", heard=True)
        url = self.url_of(order.provider)
        try:
            if notice.sign_in is not None:
                notice = _with_token(notice, await self._send(url, notice.sign_in))
            if order.behaviour is Behaviour.BAD_SIGNATURE:
                notice = _spoiled(notice)
            reply = await self._send(url, notice)
        except httpx.HTTPError as error:
            return Told(None, f"{type(error).__name__}: {error}", heard=False)
        heard = player.heard(reply.status_code, reply.content)
        return Told(reply.status_code, reply.text[:ANSWER_LENGTH_MAX], heard)

    async def _send(self, url: str, notice: SignedNotice) -> httpx.Response:
        place = url + notice.path + (f"?{notice.query}" if notice.query else "")
        return await self.client.request(
            notice.method, place, headers=dict(notice.headers), content=notice.body or None
        )

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell(self, player: Player, order: SandboxOrder) -> None:
        if order.behaviour is Behaviour.LATE:
            await asyncio.sleep(LATE_SECONDS)
        await self._until_heard(player, order)
        if order.behaviour is Behaviour.TWICE:
            await self._until_heard(player, order)

    async def _until_heard(self, player: Player, order: SandboxOrder) -> None:
        notice_id, pause_seconds = self.ids.new().hex, FIRST_PAUSE_SECONDS
        for _ in range(TRIES_MAX):
            told = await self.post(player, order, notice_id=notice_id)
            if told.heard or order.behaviour is Behaviour.BAD_SIGNATURE:
                return
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)


def _with_token(notice: SignedNotice, given: httpx.Response) -> SignedNotice:
    """Without a token it is sent all the same, and refused: then it is tried again."""
    try:
        token = given.json()["access_token"]
    except (ValueError, KeyError, TypeError):
        return notice
    return replace(notice, headers={**notice.headers, "authorization": f"Bearer {token}"})


def _spoiled(notice: SignedNotice) -> SignedNotice:
    """One hexadecimal digit of every long run of them is changed: what a forger might send."""
    return replace(
        notice,
        query=_spoil(notice.query),
        headers={name: _spoil(value) for name, value in notice.headers.items()},
        body=_spoil(notice.body.decode()).encode(),
    )


def _spoil(text: str) -> str:
    words: list[str] = []
    run = ""
    for letter in f"{text}\0":
        if letter in "0123456789abcdefABCDEF":
            run += letter
            continue
        words += [("0" if run[0] != "0" else "1") + run[1:] if len(run) >= 64 else run, letter]
        run = ""
    return "".join(words)[:-1]
