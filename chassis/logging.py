"""JSON lines with the request's id. Only named fields are logged, never bodies or headers."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO, cast

import structlog

# Whatever is filed under these names is replaced, whoever logs it by mistake.
SECRET_NAMES: Final = frozenset(
    {"authorization", "password", "totp", "token", "cookie", "secret", "private_key", "email",
     "phone", "identity_number", "full_name", "address", "payer", "applicant"}
)  # fmt: skip


class _Stderr:
    """Whatever is the standard error at the moment: loggers are kept for good, and a command that
    ran inside another program had one of its own."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


STDERR: Final = cast("TextIO", _Stderr())


def configure_logging(level: str = "INFO") -> None:
    """Call once a process. Third-party loggers go the same way, warnings and up."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=structlog.PrintLoggerFactory(STDERR),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=STDERR, format=_FOREIGN, force=True)
    # The client of the broker prints a traceback whenever a connection drops; it also reconnects.
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
    logging.getLogger("aio_pika").setLevel(logging.ERROR)


_FOREIGN = '{"logger": "%(name)s", "level": "%(levelname)s", "event": "%(message)s"}'


def _mask(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in entry.keys() & SECRET_NAMES:
        entry[name] = "***"
    return entry
