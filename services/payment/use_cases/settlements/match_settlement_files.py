from collections.abc import Iterator
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.settlements.file import SettlementFile
from services.payment.ports.settlements import Span
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.settlements.settle_from_file import settle_from_file

SPAN_LINES: Final = 20_000
FILES_MAX: Final = 1000


async def match_settlement_files(provider: str, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> int:
    """Match the rows of all files loaded since, in the order of loading; how many files.

    Each step is a transaction over some thousand lines. A run that was cut short is done again
    from the file's beginning: what is matched is left alone.
    """
    matched = 0
    async with uow:
        files = await uow.settlement_files.list_unmatched(provider, limit=FILES_MAX)
    for file in files:
        # A day's rows came at once; the database would find out only by and by.
        async with uow:
            await uow.settlement_matching.weigh()
        await _match(file, uow=uow, clock=clock, ids=ids)
        matched += 1
    async with uow:
        if files:
            await uow.settlement_matching.weigh()
        await uow.settlement_matching.take_turn(provider)
        await uow.settlement_matching.match_again(provider)
    return matched


async def _match(file: SettlementFile, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> None:
    # By reference over the whole file first: a row that only names a bill must not take what a
    # later line names by reference.
    for span in _spans(file):
        async with uow:
            await uow.settlement_matching.take_turn(file.provider)
            await uow.settlement_matching.mark_repeats(span)
            await uow.settlement_matching.match_by_reference(span, file.provider)
    if file.signed_by is not None:
        await settle_from_file(file, uow=uow, clock=clock, ids=ids)
    for span in _spans(file):
        async with uow:
            await uow.settlement_matching.take_turn(file.provider)
            # Once more: what the file itself has settled is known by its reference now.
            await uow.settlement_matching.match_by_reference(span, file.provider)
            await uow.settlement_matching.match_by_names(span, file.provider)
    async with uow:
        await uow.settlement_files.save_matched(file.id, at=clock.now())


def _spans(file: SettlementFile) -> Iterator[Span]:
    for first in range(1, file.lines_read + 1, SPAN_LINES):
        yield Span(file_id=file.id, first=first, last=first + SPAN_LINES - 1)
