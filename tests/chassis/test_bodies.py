"""How large a body may be, how long it may take, and how many large ones there are at once."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.bodies import (
    Bodies,
    BodyBounds,
    BodyTooLarge,
    BodyTooSlow,
    TooManyUploads,
    UploadRoutes,
)

SMALL, FILE = 100, 1_000


def bodies(**changes: Any) -> Bodies:
    facts: dict[str, Any] = {
        "bytes_max": SMALL,
        "seconds_max": 0.2,
        "upload_bytes_max": UploadRoutes({("POST", "/v1/things/{id}/file"): FILE}),
        "uploads_at_once_max": 1,
        "upload_bytes_per_second_min": 1_000,
    }
    return Bodies(BodyBounds(**facts | changes))


def request(path: str = "/v1/things/1/file", *, named: int | None = None) -> dict[str, Any]:
    headers = [] if named is None else [(b"content-length", str(named).encode())]
    return {"type": "http", "method": "POST", "path": path, "headers": headers}


def sending(*chunks: bytes, pause: float = 0.0) -> Any:
    left: Iterator[bytes] = iter(chunks)
    count = len(chunks)

    async def receive() -> Any:
        nonlocal count
        await asyncio.sleep(pause)
        count -= 1
        return {"type": "http.request", "body": next(left), "more_body": count > 0}

    return receive


async def test_an_ordinary_body_has_the_ordinary_bound() -> None:
    room = bodies()

    assert await room.read(request("/v1/others"), sending(b"x" * SMALL)) == b"x" * SMALL
    with pytest.raises(BodyTooLarge):
        await room.read(request("/v1/others"), sending(b"x" * SMALL, b"x"))
    with pytest.raises(BodyTooLarge):
        await room.read(request("/v1/things/1/file/more"), sending(b"x" * SMALL, b"x"))


async def test_a_file_passes_where_a_file_is_taken_and_no_byte_more() -> None:
    room, scope = bodies(), request()

    whole = await room.read(scope, sending(b"a" * 600, b"b" * 400))
    room.release(scope)

    assert whole == b"a" * 600 + b"b" * 400
    assert scope["raw_body"] == whole
    with pytest.raises(BodyTooLarge):
        await room.read(request(), sending(b"x" * FILE, b"x"))


async def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    async def never() -> Any:
        raise AssertionError("the body was asked for")

    with pytest.raises(BodyTooLarge):
        await bodies().read(request(named=FILE + 1), never)
    with pytest.raises(BodyTooLarge):
        await bodies().read(request("/v1/others", named=SMALL + 1), never)


async def test_few_files_are_held_at_once_and_small_bodies_go_on_beside_them() -> None:
    room, first = bodies(), request()
    await room.read(first, sending(b"x" * FILE))

    with pytest.raises(TooManyUploads):
        await room.read(request(), sending(b"x" * FILE))
    with pytest.raises(TooManyUploads):
        await room.read(request(named=FILE), sending(b"x" * FILE))
    assert await room.read(request(), sending(b"x" * SMALL)) == b"x" * SMALL
    room.release(first)
    room.release(first)

    second = request()
    assert await room.read(second, sending(b"x" * FILE)) == b"x" * FILE
    with pytest.raises(TooManyUploads):
        await room.read(request(), sending(b"x" * FILE))


async def test_a_refused_file_gives_its_place_back() -> None:
    room, scope = bodies(), request()
    with pytest.raises(BodyTooLarge):
        await room.read(scope, sending(b"x" * FILE, b"x"))
    room.release(scope)

    assert await room.read(request(), sending(b"x" * FILE)) == b"x" * FILE


async def test_a_file_that_keeps_coming_has_time_by_its_size() -> None:
    scope = request()

    whole = await bodies().read(scope, sending(*[b"x" * 200] * 5, pause=0.12))

    assert len(whole) == FILE


async def test_a_file_that_drips_is_cut_off_though_its_route_takes_files() -> None:
    with pytest.raises(BodyTooSlow):
        await bodies().read(request(), sending(*[b"x"] * 1_000, pause=0.05))
    with pytest.raises(BodyTooSlow):
        await bodies().read(request(named=FILE), sending(*[b"x" * 10] * 100, pause=0.1))


async def test_files_of_one_room_leave_the_other_rooms_their_places() -> None:
    facts = BodyBounds(
        bytes_max=SMALL,
        upload_bytes_max=UploadRoutes({("POST", "/a"): FILE, ("POST", "/b"): FILE}),
        uploads_at_once_max=1,
    )
    rooms = Bodies(facts, room_of=lambda scope: str(scope["path"]))
    held = request("/a")
    await rooms.read(held, sending(b"x" * FILE))

    with pytest.raises(TooManyUploads):
        await rooms.read(request("/a"), sending(b"x" * FILE))
    assert await rooms.read(request("/b"), sending(b"x" * FILE))

    rooms.release(held)
    assert await rooms.read(request("/a"), sending(b"x" * FILE))
