"""Our books of an outside issuer's receipts, held against what the issuer itself says."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.receipt.domain.outside.finding import Finding, FindingReason
from services.receipt.domain.outside.issue import OutsideIssue, Told, Wanted
from services.receipt.ports.outside import Outcome, OutsideAnswer, OutsideIssuer
from services.receipt.use_cases.outside.tools import AskTools

BATCH_MAX: Final = 16
LEASE: Final = timedelta(minutes=2)
AGAIN_AFTER: Final = timedelta(days=1)
# A number whose neighbours are this old and that nobody told us is missing.
HOLE_AFTER: Final = timedelta(hours=1)
HOLES_MAX: Final = 100
THE_HOUSE: Final = "receipt"


async def check_outside(issuer: OutsideIssuer, *, days: int, tools: AskTools) -> int:
    """Ask by key about one batch of receipts, and again each day while they are of the last days;
    says how many were asked about."""
    now = tools.clock.now()
    async with tools.open_uow() as uow:
        claimed = await uow.outside.claim_checks(
            issuer.name, now=now, until=now + LEASE, limit=BATCH_MAX
        )
    results = await asyncio.gather(
        *(_check(one, issuer, days=days, tools=tools) for one in claimed), return_exceptions=True
    )
    for failure in results:
        if isinstance(failure, BaseException):
            raise failure
    return len(claimed)


async def check_continuity(issuer: OutsideIssuer, *, days: int, tools: AskTools) -> int:
    """Numbers that nobody told us stay a finding until they come; says how many gaps there are.

    Only where nobody but us draws from the series: elsewhere the others' numbers are no gaps.
    """
    if not issuer.owns_series:
        return 0
    now = tools.clock.now()
    async with tools.open_uow() as uow:
        holes = await uow.outside.list_holes(
            issuer.name,
            # A day more than findings are closed by themselves: no neighbour leaves before them.
            since=now - timedelta(days=days + 1),
            before=now - HOLE_AFTER,
            limit=HOLES_MAX,
        )
        missing = {hole.subject for hole in holes}
        for subject in sorted(missing):
            await uow.outside_findings.add_once(
                Finding(
                    id=tools.ids.new(),
                    issuer=issuer.name,
                    reason=FindingReason.NUMBER_MISSING,
                    subject=subject,
                    detail="nobody told us these numbers",
                    found_at=now,
                )
            )
        if len(holes) < HOLES_MAX:
            for finding in await uow.outside_findings.list_open(
                issuer.name, FindingReason.NUMBER_MISSING
            ):
                # What is older than we look back is still missing; only what came is closed.
                if finding.subject not in missing and now - finding.found_at < timedelta(days=days):
                    await uow.outside_findings.close(finding.close(at=now, by=THE_HOUSE))
    return len(holes)


async def _check(issue: OutsideIssue, issuer: OutsideIssuer, *, days: int, tools: AskTools) -> None:
    told, asked_at = issue.told, issue.asked_at
    if told is None or asked_at is None:
        return
    found = await issuer.find(issue.key, at=asked_at)
    if found.outcome not in (Outcome.TOLD, Outcome.NOT_KNOWN):
        return
    reason = await _reason(issue, told, found, tools)
    now = tools.clock.now()
    async with tools.open_uow() as uow:
        over = now - asked_at >= timedelta(days=days)
        await uow.outside.date_check(issue.id, None if over else now + AGAIN_AFTER)
        if reason is not None:
            await uow.outside_findings.add_once(
                Finding(
                    id=tools.ids.new(),
                    issuer=issuer.name,
                    reason=reason,
                    subject=issue.key,
                    detail=f"{told.place} / {found.told.place if found.told else '-'}",
                    found_at=now,
                    agency_code=issue.agency_code,
                    issue_id=issue.id,
                )
            )


async def _reason(
    issue: OutsideIssue, told: Told, found: OutsideAnswer, tools: AskTools
) -> FindingReason | None:
    says = found.told
    if says is None:
        return FindingReason.NOT_KNOWN_THERE
    if says.place != told.place:
        return FindingReason.NUMBER_DIFFERS
    if says.amount is not None and says.amount != issue.amount:
        return FindingReason.AMOUNT_DIFFERS
    if says.ended is None or await _ended_by_us(issue.receipt_id, tools):
        return None
    return FindingReason.VOID_THERE


async def _ended_by_us(receipt_id: UUID | None, tools: AskTools) -> bool:
    if receipt_id is None:
        return False
    async with tools.open_uow() as uow:
        words = await uow.outside.list_corrections(receipt_id)
    return any(one.wanted in (Wanted.CANCELLATION, Wanted.REPLACEMENT) for one in words)
