"""Why a request is refused: a kind for the transport, a code for machines, sentences for people."""

from collections.abc import Mapping
from typing import ClassVar


class Refused(Exception):
    """Something that may happen and is answered, not a bug. Subclasses of the kinds set `code`.

    `retry_after_seconds` is for those who should ask again; `members` join the problem's own.
    """

    code: ClassVar[str] = "refused"

    def __init__(
        self,
        message: str,
        *,
        vi: str = "",
        field: str | None = None,
        retry_after_seconds: int | None = None,
        members: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.message_vi = vi
        self.field = field
        self.retry_after_seconds = retry_after_seconds
        self.members = dict(members or {})


class Malformed(Refused):
    """The bytes cannot be read as what they should be."""

    code = "malformed"


class Unauthenticated(Refused):
    """Nobody has proved who is asking."""

    code = "unauthenticated"


class Forbidden(Refused):
    """Known, but not allowed."""

    code = "forbidden"


class NotFound(Refused):
    """No such thing, or none that the caller may know of."""

    code = "not_found"


class Conflict(Refused):
    """At odds with what is already so."""

    code = "conflict"


class Invalid(Refused):
    """Readable, and breaks a rule."""

    code = "invalid"


class TooMany(Refused):
    """More than the limit that is written down."""

    code = "too_many_requests"


class Unavailable(Refused):
    """Cannot be answered now; asking again later is right."""

    code = "unavailable"
