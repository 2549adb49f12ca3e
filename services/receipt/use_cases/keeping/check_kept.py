"""The sweep: every copy is read again and held against the database and all recorded digests."""

from datetime import timedelta
from typing import Final

import structlog

from chassis.clock import vietnam_date
from chassis.errors import Refused
from services.receipt.domain.keeping.finding import (
    IN_DATABASE,
    IN_VAULT,
    KeepingFinding,
    KeepingReason,
)
from services.receipt.domain.keeping.kept import KeptDocument, compare
from services.receipt.domain.receipts.receipt import Document
from services.receipt.use_cases.keeping.keep_documents import note
from services.receipt.use_cases.keeping.tools import KeepTools

BATCH_MAX: Final = 32
LEASE: Final = timedelta(minutes=15)
# Until somebody has put right what could not be mended, it is looked at again daily.
WRONG_AGAIN: Final = timedelta(days=1)
LISTED_MAX: Final = 500
# One file that cannot be read keeps no other waiting; a vault that is down is left alone.
FAILURES_MAX: Final = 3
log = structlog.get_logger()


async def check_kept(*, tools: KeepTools) -> int:
    """Compare one batch, those first that were due first; says how many were compared."""
    now = tools.clock.now()
    async with tools.open_keeping() as keeping:
        claimed = await keeping.kept.claim_checks(now=now, until=now + LEASE, limit=BATCH_MAX)
    done = failures = 0
    for kept in claimed:
        try:
            await check_one(kept, tools=tools)
        except Refused as refused:
            log.error(
                "not compared with the vault",
                receipt_id=str(kept.receipt_id),
                code=refused.code,
                why=str(refused),
            )
            failures += 1
            if failures == FAILURES_MAX:
                break
        else:
            done += 1
    return done


async def check_one(kept: KeptDocument, *, tools: KeepTools) -> bool:
    """Whether all fits, now or at once after mending. What was wrong stays a finding."""
    async with tools.open_keeping() as keeping:
        stored = await keeping.originals.find(kept.receipt_id, kept.form)
    copy = await tools.vault.get(kept.sha256)
    found = compare(kept, stored=stored, copy=copy)
    if found.faults:
        async with tools.open_keeping() as keeping:
            if not await keeping.kept.is_there(kept):
                # Its time was over while it was looked at; what is decided comes before it is done.
                return True
        await note(kept, *found.faults, tools=tools)
    if found.faults and found.right is not None:
        await _mend(kept, found.right, frozenset(found.faults), tools)
    still = frozenset() if found.right is not None else frozenset(found.faults)
    now = tools.clock.now()
    due = WRONG_AGAIN if still else tools.check_after
    async with tools.open_keeping() as keeping:
        rule = await keeping.rules.find(on=vietnam_date(kept.issued_at))
        await keeping.findings.mark_repaired(kept.sha256, at=now, but=still)
        await keeping.kept.save_checked(kept.lengthened(rule), at=now, check_due_at=now + due)
    return not still


async def check_shelf(*, tools: KeepTools) -> bool:
    """Look through one shelf of the vault for what none of our books knows: a receipt lost from a
    restored database, or somebody else's file. Says whether a shelf was due."""
    now = tools.clock.now()
    async with tools.open_keeping() as keeping:
        prefix = await keeping.shelves.claim(now=now, until=now + LEASE)
    if prefix is None:
        return False
    after = ""
    while page := await tools.vault.list_page(prefix, after=after, limit=LISTED_MAX):
        after = page[-1]
        async with tools.open_keeping() as keeping:
            known = await keeping.kept.known(page)
            for sha256 in sorted(set(page) - known):
                await keeping.findings.add_once(
                    KeepingFinding(
                        id=tools.ids.new(),
                        reason=KeepingReason.UNKNOWN_IN_VAULT,
                        sha256=sha256,
                        detail="no document of ours has these bytes",
                        found_at=tools.clock.now(),
                    )
                )
    now = tools.clock.now()
    async with tools.open_keeping() as keeping:
        await keeping.shelves.save_looked(prefix, at=now, due_at=now + tools.check_after)
    return True


async def _mend(
    kept: KeptDocument, right: bytes, faults: frozenset[KeepingReason], tools: KeepTools
) -> None:
    if faults & IN_VAULT:
        await tools.vault.mend(kept.sha256, right, keep_until=kept.keep_until)
    if faults & IN_DATABASE:
        document = Document(
            receipt_id=kept.receipt_id, form=kept.form, body=right, sha256=kept.sha256
        )
        async with tools.open_keeping() as keeping:
            await keeping.originals.restore(document)
    log.warning("a kept document was mended", receipt_id=str(kept.receipt_id), form=kept.form.value)
