from contextlib import AbstractContextManager
from typing import Protocol

from gateway.domain.checks.question import Question
from gateway.domain.checks.receipt_found import CheckedFile, FoundReceipt


class ReceiptChecks(Protocol):
    """What the public look-up page is made from; each call raises UpstreamUnavailable."""

    async def find(self, question: Question) -> FoundReceipt | None: ...

    async def check(self, file: bytes) -> CheckedFile | None:
        """None: neither XML nor PDF. Raises Unavailable while too many others are checked."""


class Guess(Protocol):
    missed: bool


class GuessMeter(Protocol):
    """How often one may miss what only the holder of a paper knows."""

    def guess(self, source: str | None) -> AbstractContextManager[Guess]:
        """Raises TooManyRequests for whoever missed too often. A hit costs nothing."""

    def count_file(self, source: str | None) -> None:
        """Raises TooManyRequests for whoever brought too many files to judge."""
