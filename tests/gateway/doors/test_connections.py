"""Raw sockets against a real server: who is slow, who asks for too much, who says two things."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Far above the limits of the program that listens, far below those of one that has none.
SECONDS_MAX = 8
HEAD = b"Host: here\r\n"


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = int(probe.getsockname()[1])
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.gateway.doors.listening", str(free), cwd=ROOT
    )
    try:
        await _until_it_listens(free)
        yield free
    finally:
        program.kill()
        await program.wait()


async def _until_it_listens(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                answer = await say(port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            except OSError:
                await asyncio.sleep(0.05)
                continue
            assert answer.startswith(b"HTTP/1.1 200")
            return


async def say(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """All that comes back until the server hangs up; fails when it does not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(SECONDS_MAX):
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(pause)
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_head_that_never_ends_is_not_waited_for(port: int) -> None:
    assert await say(port, b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: ") == b""


async def test_whoever_says_nothing_is_not_waited_for(port: int) -> None:
    assert await say(port) == b""


async def test_a_head_that_comes_drop_by_drop_is_cut_off(port: int) -> None:
    drops = [bytes([letter]) for letter in b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: yes\r\n\r\n"]

    assert await say(port, *drops, pause=0.05) == b""


async def test_the_next_head_on_a_kept_connection_is_not_waited_for_either(port: int) -> None:
    first = b"GET /first HTTP/1.1\r\nHost: here\r\n\r\n"

    answer = await say(port, first, b"GET /second HT", pause=0.1)
    idle = await say(port, first, b"\r\n", pause=0.1)

    assert answer.count(b"HTTP/1.1 200") == 1
    assert idle.count(b"HTTP/1.1 200") == 1


async def test_a_body_that_never_ends_is_answered_and_cut_off(port: int) -> None:
    answer = await say(port, b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nonly")

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body_too_slow" in answer
    assert b"connection: close" in answer.lower()


async def test_a_body_that_is_too_long_is_answered_and_cut_off(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9000000\r\n\r\n"

    answer = await say(port, head + b"x" * 70_000)

    assert answer.startswith(b"HTTP/1.1 413")


async def test_a_refusal_is_read_though_the_body_still_comes(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9000000\r\n\r\n"

    answer = await say(port, head, *[b"x" * 70_000] * 20, pause=0.02)

    assert answer.startswith(b"HTTP/1.1 413")


async def test_a_refused_body_is_not_waited_for_without_end(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9000000\r\n\r\n"

    answer = await say(port, head, *[b"x"] * 120, pause=0.05)

    assert answer == b""


async def test_a_head_that_is_too_long_is_refused(port: int) -> None:
    answer = await say(port, b"GET / HTTP/1.1\r\n", b"X-Long: " + b"x" * 40_000)

    assert answer.startswith(b"HTTP/1.1 431")


async def test_a_refusal_is_read_though_the_head_still_comes(port: int) -> None:
    answer = await say(port, b"GET / HTTP/1.1\r\nX-Long: ", *[b"x" * 20_000] * 20, pause=0.02)

    assert answer.startswith(b"HTTP/1.1 431")


async def test_a_refusal_is_read_though_nonsense_still_comes(port: int) -> None:
    answer = await say(port, b"no request\r\n\r\n", *[b"x" * 20_000] * 20, pause=0.02)

    assert answer.startswith(b"HTTP/1.1 400")


async def test_there_is_a_last_connection_and_then_room_again(port: int) -> None:
    open_ones = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]

    turned_away = await say(port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    for _reader, writer in open_ones:
        writer.close()
        await writer.wait_closed()
    await asyncio.sleep(0.2)
    let_in = await say(port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")

    assert turned_away == b""
    assert let_in.startswith(b"HTTP/1.1 200")


async def test_whoever_leaves_the_answer_unread_is_cut_off(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n")
    await asyncio.sleep(2)

    async with asyncio.timeout(SECONDS_MAX):
        received = 0
        try:
            while chunk := await reader.read(65_536):
                received += len(chunk)
        except ConnectionError:
            pass
    writer.close()

    assert received < 8_000_000


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: here\r\n\r\n"
TWO_MEANINGS = {
    "a length and chunks": (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED
    ),
    "chunks and a length": (
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED
    ),
    "two lengths": b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n" + SMUGGLED,
    "a list of lengths": b"Content-Length: 0, 5\r\n\r\n" + SMUGGLED,
    "a signed length": b"Content-Length: +0\r\n\r\n" + SMUGGLED,
    "a length in sixteens": b"Content-Length: 0x0\r\n\r\n" + SMUGGLED,
    "a negative length": b"Content-Length: -1\r\n\r\n" + SMUGGLED,
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks that are not last": b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a space before the colon": b"Content-Length : 0\r\n\r\n" + SMUGGLED,
    "a folded header": b"X-A: b\r\n Content-Length: 9\r\n\r\n" + SMUGGLED,
    "a chunk of no size": b"Transfer-Encoding: chunked\r\n\r\nz\r\n" + SMUGGLED,
    "a chunk size below zero": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + SMUGGLED,
    "a nought in a header": b"X-A: b\x00c\r\n\r\n" + SMUGGLED,
    "a lone carriage return": b"X-A: b\rContent-Length: 9\r\n\r\n" + SMUGGLED,
    "bare line feeds": b"X-A: b\nContent-Length: 0\n\n" + SMUGGLED,
    "a chunk that ends in a line feed": b"Transfer-Encoding: chunked\r\n\r\n0\n\n" + SMUGGLED,
    "an extension that hides a line feed": (
        b"Transfer-Encoding: chunked\r\n\r\n0;a\nb\r\n\r\n" + SMUGGLED
    ),
}


@pytest.mark.parametrize("rest", TWO_MEANINGS.values(), ids=TWO_MEANINGS)
async def test_a_request_that_can_be_read_in_two_ways_is_refused(port: int, rest: bytes) -> None:
    answer = await say(port, b"POST /outer HTTP/1.1\r\nHost: here\r\n" + rest)

    assert b"/smuggled" not in answer, answer
    assert b"HTTP/1.1 400" in answer or b"HTTP/1.1 200" not in answer, answer


async def test_two_requests_in_one_go_are_two_requests(port: int) -> None:
    """Pipelining says what it says: two requests, two answers, in their order."""
    first = b"POST /first HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nabc"
    last = b"GET /last HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"

    answer = await say(port, first + last)

    assert answer.index(b"[POST /first abc]") < answer.index(b"[GET /last ]")


def a_file(size: int) -> bytes:
    head = b"POST /files HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % size


async def test_a_file_passes_on_its_route_and_on_no_other(port: int) -> None:
    passed = await say(port, a_file(400_000) + b"x" * 400_000)
    too_large = await say(port, a_file(500_001) + b"x" * 70_000)

    assert passed.startswith(b"HTTP/1.1 200")
    assert too_large.startswith(b"HTTP/1.1 413")


async def test_a_file_too_many_at_once_is_sent_away_and_small_bodies_are_not(port: int) -> None:
    whole = a_file(400_000) + b"x" * 400_000
    first = asyncio.create_task(say(port, whole))
    await asyncio.sleep(0.2)

    second, small = await asyncio.gather(
        say(port, a_file(400_000)),
        say(port, a_file(10) + b"x" * 10),
    )

    assert second.startswith(b"HTTP/1.1 503")
    assert b"too_busy" in second
    assert b"retry-after" in second.lower()
    assert small.startswith(b"HTTP/1.1 200")
    assert (await first).startswith(b"HTTP/1.1 200")
