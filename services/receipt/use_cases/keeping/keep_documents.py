"""Copies into the vault, off the payment path, a few at a time."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from chassis.canonical import sha256_hex
from chassis.clock import vietnam_date
from chassis.errors import Unavailable
from services.receipt.domain.keeping.errors import VaultCopyDiffers
from services.receipt.domain.keeping.finding import KeepingFinding, KeepingReason
from services.receipt.domain.keeping.kept import KeptDocument
from services.receipt.use_cases.keeping.tools import KeepTools

BATCH_MAX: Final = 32
# Half the pool at most: payments come first.
AT_ONCE_MAX: Final = 4
LEASE: Final = timedelta(minutes=5)
# A vault that is down is asked again no sooner.
PAUSE: Final = timedelta(seconds=30)
# Bytes that do not fit their digest are no copy of anything; a person looks first.
PUT_OFF: Final = timedelta(hours=1)
log = structlog.get_logger()


async def keep_documents(*, tools: KeepTools) -> int:
    """Copy one batch; says how many were taken up. A crash between a copy and its record is
    harmless: the address says what lies there, and the next turn records it."""
    now = tools.clock.now()
    async with tools.open_keeping() as keeping:
        claimed = await keeping.kept.claim_waiting(now=now, until=now + LEASE, limit=BATCH_MAX)
    turn = asyncio.Semaphore(AT_ONCE_MAX)

    async def keep(one: KeptDocument) -> None:
        async with turn:
            await keep_one(one, tools=tools)

    results = await asyncio.gather(*(keep(one) for one in claimed), return_exceptions=True)
    return await _settle(claimed, results, tools)


async def keep_one(waiting: KeptDocument, *, tools: KeepTools) -> None:
    async with tools.open_keeping() as keeping:
        document = await keeping.originals.find(waiting.receipt_id, waiting.form)
        rule = await keeping.rules.find(on=vietnam_date(waiting.issued_at))
    kept = waiting.keep(at=tools.clock.now(), rule=rule)
    if rule is None:
        log.error("no rule says how long to keep", receipt_id=str(kept.receipt_id))
    if document is None or sha256_hex(document.body) != kept.sha256:
        reason = (
            KeepingReason.MISSING_IN_DATABASE
            if document is None
            else KeepingReason.CHANGED_IN_DATABASE
        )
        await note(kept, reason, tools=tools)
        async with tools.open_keeping() as keeping:
            await keeping.kept.put_off(kept, until=tools.clock.now() + PUT_OFF)
        return
    try:
        await tools.vault.put(kept.sha256, document.body, keep_until=kept.keep_until)
    except VaultCopyDiffers:
        await note(kept, KeepingReason.CHANGED_IN_VAULT, tools=tools)
        await tools.vault.mend(kept.sha256, document.body, keep_until=kept.keep_until)
    now = tools.clock.now()
    async with tools.open_keeping() as keeping:
        await keeping.kept.save_kept(kept, check_due_at=now + tools.check_after)
        await keeping.findings.mark_repaired(kept.sha256, at=now)


async def note(kept: KeptDocument, *reasons: KeepingReason, tools: KeepTools) -> None:
    """Before anything is mended, so that no crash can hide what was found."""
    async with tools.open_keeping() as keeping:
        for reason in reasons:
            log.error(
                "a kept document is not right",
                reason=reason.value,
                receipt_id=str(kept.receipt_id),
                form=kept.form.value,
            )
            await keeping.findings.add_once(
                KeepingFinding(
                    id=tools.ids.new(),
                    reason=reason,
                    sha256=kept.sha256,
                    detail=f"{kept.form.value} of receipt {kept.receipt_id}",
                    found_at=tools.clock.now(),
                    receipt_id=kept.receipt_id,
                    form=kept.form,
                    agency_code=kept.agency_code,
                )
            )


async def _settle(
    claimed: Sequence[KeptDocument], results: Sequence[BaseException | None], tools: KeepTools
) -> int:
    """Give back what the vault did not take; anything else that went wrong is raised."""
    refused = [one for one in zip(claimed, results, strict=True) if one[1] is not None]
    if refused:
        later = tools.clock.now() + PAUSE
        async with tools.open_keeping() as keeping:
            for waiting, _why in refused:
                await keeping.kept.put_off(waiting, until=later)
    for _waiting, why in refused:
        if not isinstance(why, Unavailable):
            raise why or AssertionError
        log.warning("not copied to the vault", code=why.code, why=str(why))
    return len(claimed) - len(refused)
