from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.settlements.day import end_of_day
from services.payment.domain.settlements.difference import (
    Difference,
    DifferenceState,
    DifferenceStep,
    FeeRate,
    FoundDifference,
    Step,
    difference_of,
)
from services.payment.ports.settlements import SettlementAgreements
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.settlements.match_settlement_files import match_settlement_files

AT_ONCE: Final = 2000
# A payment of the last minutes may stand in the next day's file.
GRACE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileTools:
    agreements: SettlementAgreements
    uow: UnitOfWork
    clock: Clock
    ids: Ids
    grace: timedelta = GRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    provider: str
    on: date
    files: int
    opened: int
    explained: int
    still_open: int


async def reconcile_provider(provider: str, on: date, *, tools: ReconcileTools) -> Reconciled:
    """Compare a provider's day with our books. May be run again, as often as data comes late.

    What both sides agree on by now is closed; what a person closed stays so while its facts do.
    """
    rate = tools.agreements.terms_of(provider).fee
    files = await match_settlement_files(provider, uow=tools.uow, clock=tools.clock, ids=tools.ids)
    explained = await _explain(provider, on, rate, tools)
    opened = 0
    while found := await _find(provider, on, rate, tools):
        opened += found
    async with tools.uow as uow:
        still_open = await uow.settlement_differences.count(provider, on, DifferenceState.OPEN)
    return Reconciled(
        provider=provider,
        on=on,
        files=files,
        opened=opened,
        explained=explained,
        still_open=still_open,
    )


async def _find(provider: str, on: date, rate: FeeRate | None, tools: ReconcileTools) -> int:
    async with tools.uow as uow:
        await uow.settlement_matching.take_turn(provider)
        cases = uow.settlement_differences
        found = [*await cases.find_in_rows(provider, on, rate=rate, limit=AT_ONCE)]
        late = tools.clock.now() >= end_of_day(on) + tools.grace
        if late and await uow.settlement_files.covers(provider, on):
            found += await cases.find_missing(provider, on, limit=AT_ONCE)
        now = tools.clock.now()
        new = [
            difference_of(one, id=tools.ids.new(), found_at=now)
            for one in found
            if one.known_as is None
        ]
        known = [one for one in found if one.known_as is not None]
        await cases.open(new)
        await cases.change(known)
        await cases.add_steps(
            [
                *(_step(one, Step.OPENED, tools) for one in new),
                *(_changed(one, tools) for one in known),
            ]
        )
    return len(found)


async def _explain(provider: str, on: date, rate: FeeRate | None, tools: ReconcileTools) -> int:
    total = 0
    while True:
        async with tools.uow as uow:
            await uow.settlement_matching.take_turn(provider)
            explained: Sequence[Difference] = await uow.settlement_differences.list_explained(
                provider, on, rate=rate, limit=AT_ONCE
            )
            await uow.settlement_differences.explain(explained)
            await uow.settlement_differences.add_steps(
                [_step(one, Step.EXPLAINED, tools) for one in explained]
            )
        total += len(explained)
        if not explained:
            return total


def _step(difference: Difference, step: Step, tools: ReconcileTools) -> DifferenceStep:
    return DifferenceStep(
        id=tools.ids.new(),
        difference_id=difference.id,
        step=step,
        by=None,
        reason=None,
        at=tools.clock.now(),
        theirs=difference.theirs,
        ours=difference.ours,
    )


def _changed(found: FoundDifference, tools: ReconcileTools) -> DifferenceStep:
    if found.known_as is None:
        raise ValueError("what is not on record is opened, not changed")
    return DifferenceStep(
        id=tools.ids.new(),
        difference_id=found.known_as,
        step=Step.CHANGED,
        by=None,
        reason=None,
        at=tools.clock.now(),
        theirs=found.theirs,
        ours=found.ours,
    )
