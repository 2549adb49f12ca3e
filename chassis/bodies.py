"""Bodies are read whole, within bounds, before a request counts as one in flight.

Almost every body is small. A route that takes a file says how large it may be: the body may then
go on beyond the ordinary bound, if it keeps coming fast enough and few other files are held.
"""

import asyncio
import io
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import Receive, Scope

BODY_SECONDS_MAX: Final = 10.0
# A file is held whole until it is answered: this, and its size, bound what a process needs.
UPLOADS_AT_ONCE_MAX: Final = 2
# Slower than this nobody sends a file here; so the time it may take is bounded by its size.
UPLOAD_BYTES_PER_SECOND_MIN: Final = 512 * 1024
# Names the room in which the request holds a place among the uploads.
HELD: Final = "upload_is_held"

# How large a file this request may bring; None where no file is taken.
UploadBytesMax = Callable[[Scope], int | None]


# In which room a request waits: uploads of one room leave the others their places.
RoomOf = Callable[[Scope], str]


def one_room(_scope: Scope) -> str:
    return "all"


def no_uploads(_scope: Scope) -> int | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyBounds:
    """A file has `seconds_max` like any body, and more for each part of it that has come."""

    bytes_max: int
    seconds_max: float = BODY_SECONDS_MAX
    upload_bytes_max: UploadBytesMax = no_uploads
    uploads_at_once_max: int = UPLOADS_AT_ONCE_MAX
    upload_bytes_per_second_min: int = UPLOAD_BYTES_PER_SECOND_MIN


class BodyTooLarge(Exception):
    pass


class BodyTooSlow(Exception):
    pass


class TooManyUploads(Exception):
    pass


class Bodies:
    def __init__(self, bounds: BodyBounds, *, room_of: RoomOf = one_room) -> None:
        self._bounds = bounds
        self._room_of = room_of
        self._uploads: Counter[str] = Counter()

    async def read(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body; what `release` gives back must be given back however the request ends."""
        try:
            async with asyncio.timeout(self._bounds.seconds_max) as limit:
                return await self._read(scope, receive, limit)
        except TimeoutError as error:
            raise BodyTooSlow from error

    def release(self, scope: Scope) -> None:
        room = scope.pop(HELD, None)
        if room is not None:
            self._uploads[room] -= 1

    async def _read(self, scope: Scope, receive: Receive, limit: asyncio.Timeout) -> bytes:
        began = asyncio.get_running_loop().time()
        whole, most = io.BytesIO(), self._bounds.bytes_max
        if (named := _length_named(scope)) > most:
            # Said beforehand: refused before it is sent, or given its place.
            most = self._admit(scope, named)
        async for chunk in _chunks(receive):
            if whole.tell() + len(chunk) > most:
                most = self._admit(scope, whole.tell() + len(chunk))
            whole.write(chunk)
            if HELD in scope:
                given = whole.tell() / self._bounds.upload_bytes_per_second_min
                limit.reschedule(began + self._bounds.seconds_max + given)
        scope["raw_body"] = whole.getvalue()
        return whole.getvalue()

    def _admit(self, scope: Scope, size: int) -> int:
        """The bound for a body that outgrew the ordinary one."""
        most = self._bounds.upload_bytes_max(scope)
        if most is None or size > most:
            raise BodyTooLarge
        if HELD not in scope:
            room = self._room_of(scope)
            if self._uploads[room] >= self._bounds.uploads_at_once_max:
                raise TooManyUploads
            self._uploads[room] += 1
            scope[HELD] = room
        return most


class UploadRoutes:
    """Which of a service's routes take files: `("POST", "/v1/things/{id}/file"): bytes`."""

    def __init__(self, limits: Mapping[tuple[str, str], int]) -> None:
        self._limits = [
            (method, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), most)
            for (method, path), most in limits.items()
        ]

    def __call__(self, scope: Scope) -> int | None:
        for method, path, most in self._limits:
            if method == scope["method"] and path.fullmatch(scope["path"]):
                return most
        return None


def _length_named(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        yield message.get("body", b"")
        if not message.get("more_body"):
            return
