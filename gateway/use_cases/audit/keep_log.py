"""A turn of the sequencer: place, sign, show. Ended at any point, the next turn goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.audit.errors import LogBroken
from gateway.ports.audit import AuditGauges, Witness, WitnessRefuses, WitnessUnavailable
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.audit.place_pending import PLACED_AT_ONCE_MAX, place_pending
from gateway.use_cases.audit.show_witness import show_witness
from gateway.use_cases.audit.sign_checkpoint import SigningTools, sign_checkpoint

# Beyond this the next turn goes on, so that the figures are seen and witnesses are asked.
BATCHES_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingTools:
    new_uow: Callable[[], UnitOfWork]
    signing: SigningTools
    witnesses: Sequence[Witness]
    gauges: AuditGauges


async def keep_log(tools: KeepingTools) -> None:
    try:
        await _place_and_sign(tools)
    except LogBroken as broken:
        # Business goes on and records wait; nothing is signed over what was tampered with.
        tools.gauges.alarm(str(broken))
    for witness in tools.witnesses:
        await _show(witness, tools)
    await _observe(tools)


async def _place_and_sign(tools: KeepingTools) -> None:
    for _ in range(BATCHES_MAX):
        placed = await place_pending(uow=tools.new_uow())
        signed = await sign_checkpoint(uow=tools.new_uow(), tools=tools.signing)
        if signed is not None:
            tools.gauges.checkpointed(signed.checkpoint)
        if placed < PLACED_AT_ONCE_MAX:
            return


async def _show(witness: Witness, tools: KeepingTools) -> None:
    try:
        seen = await show_witness(witness, uow=tools.new_uow(), clock=tools.signing.clock)
    except WitnessUnavailable:
        return  # Its gauge stands still, which is what an alert looks at.
    except (WitnessRefuses, LogBroken) as refused:
        tools.gauges.alarm(f"{witness.name}: {refused}")
        return
    if seen is not None:
        tools.gauges.witnessed(witness.name, size=seen.size)


async def _observe(tools: KeepingTools) -> None:
    uow = tools.new_uow()
    async with uow:
        backlog = await uow.audit_tree.backlog()
        latest = await uow.audit_tree.latest_checkpoint()
    now = tools.signing.clock.now()
    age = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
    tools.gauges.observe(backlog.pending, oldest_seconds=age)
    if latest is not None:
        tools.gauges.checkpointed(latest.checkpoint)
