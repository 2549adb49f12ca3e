"""Proves that the vault could give everything back: restores it elsewhere and judges it."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chassis.canonical import sha256_hex
from chassis.errors import Refused
from chassis.ids import Ids
from deploy.verifier import Unreadable, verify_bytes, verify_file
from services.receipt.ports.keeping import OpenKeeping, Vault
from services.receipt.use_cases.keeping.compare_numbers import each_book, each_number_fault
from services.receipt.use_cases.keeping.restore_documents import Expected, each_expected

SAID_EVERY: Final = 100
LISTED_MAX: Final = 500

Say = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class RestoreReport:
    """What was looked at, and every difference in a line of its own."""

    files: int = 0
    signatures: int = 0
    # Signed by an outside issuer, in a form that the verifier does not read.
    not_judged: int = 0
    books: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.differences


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCheck:
    """`into` must be empty. `anchors`: whom the verifier trusts."""

    open_keeping: OpenKeeping
    vault: Vault
    into: Path
    anchors: Any
    ids: Ids
    say: Say

    async def run(self, *, sample: int | None = None) -> RestoreReport:
        """The whole vault, or so many files drawn by lot; numbers and books always whole."""
        report = RestoreReport()
        async for wanted in self._wanted(sample):
            await self._restore(wanted, report)
            if report.files % SAID_EVERY == 0:
                self.say(f"{report.files} files, {len(report.differences)} differences")
        self.say("numbers and books")
        async for fault in each_number_fault(open_keeping=self.open_keeping):
            series = fault.series
            report.differences.append(
                f"{series.agency_code} {series.symbol} number {fault.number}: {fault.why}"
            )
        await self._judge_books(report)
        if sample is None:
            self.say("what nobody knows")
            await self._find_unknown(report)
        return report

    async def _wanted(self, sample: int | None) -> AsyncIterator[Expected]:
        every = each_expected(open_keeping=self.open_keeping)
        if sample is None:
            async for one in every:
                yield one
            return
        # By a lot that nobody knows before: each file has the same chance, and few are held.
        lot = self.ids.token()
        drawn: list[tuple[str, int, Expected]] = []
        number = 0
        async for one in every:
            number += 1
            # The largest of the smallest goes first, so the heap is of what sorts backwards.
            entry = (_backwards(sha256_hex(f"{lot}{one.sha256}".encode())), number, one)
            if len(drawn) < sample:
                heapq.heappush(drawn, entry)
            else:
                heapq.heappushpop(drawn, entry)
        for _order, _number, one in drawn:
            yield one

    async def _restore(self, wanted: Expected, report: RestoreReport) -> None:
        receipt = wanted.receipt
        name = f"{receipt.agency_code} {receipt.symbol} {receipt.number} {wanted.form.value}"
        report.files += 1
        try:
            copy = await self.vault.get(wanted.sha256)
        except Refused as refused:
            report.differences.append(f"{name}: {refused}")
            return
        if copy is None:
            report.differences.append(f"{name}: the vault has no copy")
            return
        file = self.into / f"{receipt.id}.{wanted.form.value}"
        read_back = await asyncio.to_thread(_written, file, copy)
        if sha256_hex(read_back) != wanted.sha256:
            report.differences.append(f"{name}: the copy does not fit its digest")
        elif receipt.issuer is not None:
            report.not_judged += 1
        else:
            report.signatures += 1
            why = await asyncio.to_thread(_why_not_valid, file, self.anchors)
            if why:
                report.differences.append(f"{name}: {why}")

    async def _judge_books(self, report: RestoreReport) -> None:
        async with self.open_keeping() as keeping:
            every = await keeping.numbers.list_series()
        for series, _last in every:
            async for book in each_book(series, open_keeping=self.open_keeping):
                report.books += 1
                verdict = await asyncio.to_thread(
                    verify_bytes, book.content, name="book.jsonl", anchors=self.anchors
                )
                if not verdict.valid or sha256_hex(book.content) != book.sha256:
                    name = f"{series.agency_code} {series.symbol} {book.day}"
                    report.differences.append(f"{name}: the number book is not valid")

    async def _find_unknown(self, report: RestoreReport) -> None:
        for prefix in (f"{number:02x}" for number in range(256)):
            after = ""
            while page := await self.vault.list_page(prefix, after=after, limit=LISTED_MAX):
                after = page[-1]
                async with self.open_keeping() as keeping:
                    known = await keeping.kept.known(page)
                report.differences += [
                    f"{sha256}: in the vault, and of no receipt" for sha256 in _not_in(page, known)
                ]


def _not_in(page: Sequence[str], known: frozenset[str]) -> Sequence[str]:
    return [one for one in page if one not in known]


def _backwards(digest: str) -> str:
    return digest.translate(str.maketrans("0123456789abcdef", "fedcba9876543210"))


def _written(file: Path, body: bytes) -> bytes:
    with file.open("xb") as new:
        new.write(body)
    return file.read_bytes()


def _why_not_valid(file: Path, anchors: Any) -> str | None:
    try:
        verdict = verify_file(file, anchors=anchors)
    except Unreadable as error:
        return str(error)
    failed = [item.name for item in verdict.items if not item.valid and not item.note]
    return None if verdict.valid else f"the verifier refuses it ({', '.join(failed)})"
