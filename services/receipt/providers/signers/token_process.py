"""A token, asked through a process of its own, so that one that hangs holds up nobody else.

The binding promises the maker's library that one thread will use it: two, and SoftHSM ends the
process. A process for each token keeps that promise, lets several makers' libraries stand side by
side, and can be ended when its library never returns.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

from services.receipt.domain.errors import SignerUnavailable

SECONDS_MAX: Final = 5.0
# A process that has yet to begin, and a library that has yet to find its token.
FIRST_SECONDS_MAX: Final = 20.0
# A call that has not returned by then never will; its process is ended, and the next begins anew.
GIVEN_UP_SECONDS: Final = 60.0
WAITING_MAX: Final = 64
ANSWER_BYTES_MAX: Final = 64 * 1024
PROGRAM: Final = Path(__file__).with_name("token_program.py")
REASONS: Final[Mapping[str, str]] = {
    "NoSuchToken": "its token is not there",
    "PinIncorrect": "its PIN is wrong; too many wrong ones lock the token",
}
log = structlog.get_logger()


class TokenProcess:
    """`ask` is for many at once; they stand in a line, and it has an end."""

    def __init__(self, module: Path, token: str, *, program: Path = PROGRAM) -> None:
        self._where = {"module": str(module), "token": token}
        self._program = program
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._call: asyncio.Task[bytes] | None = None

    @property
    def stuck(self) -> bool:
        """Its last call has not returned, and whoever asked has gone."""
        return self._call is not None and not self._call.done() and not self._turn.locked()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def ask(self, asked: Mapping[str, Any]) -> bytes:
        """Raises SignerUnavailable; at once when the token is stuck."""
        if self.stuck:
            raise SignerUnavailable("its token is stuck in an earlier call")
        if self._waiting >= WAITING_MAX:
            raise SignerUnavailable("too many wait for its token")
        self._waiting += 1
        bound = SECONDS_MAX if self._process else FIRST_SECONDS_MAX
        try:
            async with asyncio.timeout(bound), self._turn:
                if self._call is not None and not self._call.done():
                    raise SignerUnavailable("its token is stuck in an earlier call")
                self._call = asyncio.create_task(self._exchange(asked))
                self._call.add_done_callback(_forget)
                # The call goes on when whoever asked goes away: nobody else may read its answer.
                return await asyncio.shield(self._call)
        except TimeoutError as error:
            raise SignerUnavailable("its token does not answer in time") from error
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        if self._call is not None:
            self._call.cancel()
        await self._end()

    async def _exchange(self, asked: Mapping[str, Any]) -> bytes:
        begun = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(GIVEN_UP_SECONDS):
                line = await self._said({**self._where, **asked})
        except (TimeoutError, OSError, ValueError) as error:
            await self._end()
            log.error("a token's process is ended", token=self._where["token"])
            raise SignerUnavailable("its token does not answer") from error
        seconds = asyncio.get_running_loop().time() - begun
        if seconds > SECONDS_MAX:
            log.warning("a token was slow", token=self._where["token"], seconds=round(seconds, 1))
        if not line:
            await self._end()
            raise SignerUnavailable("the process of its token ended")
        return _read(line)

    async def _said(self, asked: Mapping[str, Any]) -> bytes:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", str(self._program)),
                stdin=PIPE,
                stdout=PIPE,
                limit=ANSWER_BYTES_MAX,
            )
        told, answers = self._process.stdin, self._process.stdout
        if told is None or answers is None:
            raise OSError("the process has no ends to talk by")
        told.write(json.dumps(asked).encode() + b"\n")
        await told.drain()
        return await answers.readline()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Tokens:
    """The tokens of a process, each asked by whoever needs it through the same one."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, str], TokenProcess] = {}

    def of(self, module: Path, token: str) -> TokenProcess:
        return self._known.setdefault((module, token), TokenProcess(module, token))

    async def close(self) -> None:
        for one in self._known.values():
            await one.close()
        self._known.clear()


def _read(line: bytes) -> bytes:
    said = json.loads(line)
    if "failed" in said:
        failed = str(said["failed"])
        raise SignerUnavailable(REASONS.get(failed, f"its token fails: {failed}"))
    if "lacks" in said:
        raise SignerUnavailable(str(said["lacks"]))
    return b64decode(said["answer"], validate=True)


def _forget(call: "asyncio.Task[bytes]") -> None:
    """What nobody waits for any more is no news."""
    if not call.cancelled():
        call.exception()
