"""Where a list goes on: behind which code. Opaque to callers, so that it may change."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeVar

from chassis.errors import Malformed
from services.catalog.domain.agency import matches

Item = TypeVar("Item")


class BadCursor(Malformed):
    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__(
            "This cursor was not given by this list.",
            vi="Con trỏ trang không hợp lệ.",
            field="cursor",
        )


def read_cursor(cursor: str | None, *, pattern: str) -> str:
    """The code to go on behind; empty for the first page."""
    if cursor is None:
        return ""
    try:
        code = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise BadCursor from error
    if not matches(pattern, code):
        raise BadCursor
    return code


def cut_page(
    found: Sequence[Item], *, limit: int, code_of: Callable[[Item], str]
) -> tuple[Sequence[Item], str | None]:
    """`found` was asked one longer than the page: the extra one says that there is more."""
    page = found[:limit]
    if len(found) <= limit:
        return page, None
    last = code_of(page[-1]).encode("ascii")
    return page, urlsafe_b64encode(last).rstrip(b"=").decode("ascii")
