"""Why a request is refused: a kind for the transport, a code for machines, sentences for people."""

from typing import ClassVar


class Refused(Exception):
    """Something that may happen and is answered, not a bug. Subclasses of the kinds set `code`."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, vi: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.message_vi = vi
        self.field = field


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
