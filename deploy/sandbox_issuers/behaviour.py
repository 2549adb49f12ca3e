"""How a played issuer misbehaves when it is told to: for tests, and to try things out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fastapi import Response

BOMB: Final = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    b"<b>&c;</b>"
)
OUTSIDE_ENTITY: Final = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><b>&x;</b>'
)
HUGE_BYTES: Final = 8 * 1024 * 1024


class Mode(StrEnum):
    NORMAL = "normal"
    # Does nothing and says nothing.
    SILENT = "silent"
    # Does what is asked; the answer never arrives.
    ANSWER_LOST = "answer_lost"
    DELAY = "delay"
    # Refuses with `code`, or has trouble of its own.
    ERROR = "error"
    TROUBLE = "trouble"
    ANOTHER_KEY = "another_key"
    WRONG_AMOUNT = "wrong_amount"
    NUMBER_TWICE = "number_twice"
    SKIP_NUMBER = "skip_number"
    BOMB = "bomb"
    OUTSIDE_ENTITY = "outside_entity"
    WRONG_ENCODING = "wrong_encoding"
    HUGE = "huge"
    GARBAGE = "garbage"


HOSTILE: Final = frozenset(
    {Mode.BOMB, Mode.OUTSIDE_ENTITY, Mode.WRONG_ENCODING, Mode.HUGE, Mode.GARBAGE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """For the next `times` requests of `operation`, or of any when it is empty."""

    mode: Mode = Mode.NORMAL
    operation: str = ""
    times: int = 1
    code: str = "5"
    seconds: float = 1.0


class Manners:
    """What one issuer has been told to do; it forgets as it does it."""

    def __init__(self) -> None:
        self._told: list[Behaviour] = []
        self.asked: list[str] = []

    def tell(self, behaviour: Behaviour) -> None:
        self._told = [*self._told, behaviour] if behaviour.mode is not Mode.NORMAL else []

    def next(self, operation: str) -> Behaviour:
        self.asked.append(operation)
        for place, told in enumerate(self._told):
            if told.operation in ("", operation):
                left = replace(told, times=told.times - 1)
                self._told[place : place + 1] = [left] if left.times > 0 else []
                return told
        return Behaviour()


async def misbehave(told: Behaviour, answer: Callable[[], Response]) -> Response:
    """Around the issuer's own answer, which is what does the work."""
    match told.mode:
        case Mode.SILENT:
            await asyncio.sleep(told.seconds)
            return Response(status_code=504)
        case Mode.ANSWER_LOST:
            answer()
            await asyncio.sleep(told.seconds)
            return Response(status_code=504)
        case Mode.DELAY:
            await asyncio.sleep(told.seconds)
            return answer()
        case Mode.TROUBLE:
            return Response("Internal Server Error", status_code=500)
        case mode if mode in HOSTILE:
            answer()
            return _hostile(mode)
        case _:
            return answer()


def _hostile(mode: Mode) -> Response:
    bodies = {
        Mode.BOMB: BOMB,
        Mode.OUTSIDE_ENTITY: OUTSIDE_ENTITY,
        Mode.WRONG_ENCODING: '<?xml version="1.0" encoding="utf-8"?><a>Đồng</a>'.encode("utf-16"),
        Mode.HUGE: b"<a>" + b"x" * HUGE_BYTES + b"</a>",
        Mode.GARBAGE: b"\x00\xff<<<{{{",
    }
    return Response(bodies[mode], media_type="text/xml; charset=utf-8")
