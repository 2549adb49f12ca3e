"""The offline verifier at work for the receipt service, as a program of its own for each file.

A hostile file may want all the memory or all the time there is. A thread cannot be stopped; a
program can, and its limits are the kernel's. The file goes in through a pipe, and is never written.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from services.receipt.domain.checks.errors import ChecksAreBusy
from services.receipt.domain.checks.verdict import CheckItem, Signatures
from services.receipt.domain.receipts.receipt import Form

PROGRAM: Final = (sys.executable, "-m", "deploy.receipt_checker_program")
# An honest receipt takes about a second, most of it to load the program.
SECONDS_MAX: Final = 15.0
AT_ONCE_MAX: Final = 1
WAITING_MAX: Final = 8
NO_END: Final = Signatures(
    judged=True,
    valid=False,
    items=(
        CheckItem(
            name="effort",
            valid=False,
            detail="the verifier came to no end with this file within its time and memory",
        ),
    ),
)


class VerifierProgram:
    def __init__(self, anchors: Path, *, program: Sequence[str] = PROGRAM) -> None:
        self._anchors = anchors
        self._program = program
        self._turn = asyncio.Semaphore(AT_ONCE_MAX)
        self._waiting = 0

    async def check(self, document: bytes, *, form: Form) -> Signatures:
        if self._waiting >= WAITING_MAX:
            raise ChecksAreBusy
        self._waiting += 1
        try:
            async with self._turn:
                return await self._judge(document, form)
        finally:
            self._waiting -= 1

    async def _judge(self, document: bytes, form: Form) -> Signatures:
        running = await asyncio.create_subprocess_exec(
            *self._program,
            str(self._anchors),
            form.value,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
        )
        try:
            async with asyncio.timeout(SECONDS_MAX):
                said, _ = await running.communicate(document)
        except TimeoutError:
            return NO_END
        finally:
            # Also when whoever asked has gone.
            with contextlib.suppress(ProcessLookupError):
                running.kill()
            await running.wait()
        return _read(said) if running.returncode == 0 else NO_END


def checkers(house: str, settings: Any) -> dict[str, Any]:
    """What `create_app` of this house is handed beyond its settings."""
    if house != "receipt":
        return {}
    anchors: Path = settings.published_anchors
    return {"checker": VerifierProgram(anchors)} if anchors.is_file() else {}


def _environment() -> dict[str, str]:
    """Nothing of ours: no address of a database, no password."""
    kept = ("PATH", "PYTHONPATH", "LANG", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONDONTWRITEBYTECODE": "1"
    }


def _read(said: bytes) -> Signatures:
    verdict: Mapping[str, Any] = json.loads(said)
    if verdict["valid"] is None:
        return Signatures(judged=False)
    return Signatures(
        judged=True,
        valid=verdict["valid"],
        items=tuple(
            CheckItem(name=one["name"], valid=one["valid"], detail=one["detail"])
            for one in verdict["items"]
        ),
    )
