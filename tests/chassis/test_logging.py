"""A program writes its log to the standard error that it has, also after it was given another."""

import contextlib
import io
from collections.abc import Iterator

import pytest
import structlog

from chassis.logging import configure_logging


@pytest.fixture
def configured() -> Iterator[None]:
    before = structlog.get_config()
    configure_logging()
    yield
    structlog.configure(**before)


def test_a_logger_that_outlives_its_stream_goes_on_to_the_next_one(
    configured: None, capsys: pytest.CaptureFixture[str]
) -> None:
    log, first = structlog.get_logger(), io.StringIO()
    with contextlib.redirect_stderr(first):
        log.info("one")
    first_said = first.getvalue()
    first.close()

    log.info("two", email="a@example.vn")

    said = capsys.readouterr().err
    assert '"event": "one"' in first_said
    assert '"event": "two"' in said
    assert "a@example.vn" not in said
