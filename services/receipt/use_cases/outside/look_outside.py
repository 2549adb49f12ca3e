"""The accountant's worklist: what is ordered and not there, and what does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.receipt.domain.outside.finding import Finding, FindingReason
from services.receipt.domain.outside.issue import OutsideIssue
from services.receipt.ports.outside import Backlog, FindingFilter, IssueFilter
from services.receipt.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    backlog: Sequence[Backlog]
    open_findings: Mapping[FindingReason, int]


async def list_outside_issues(wanted: IssueFilter, *, uow: UnitOfWork) -> Sequence[OutsideIssue]:
    async with uow:
        return await uow.outside.list_page(wanted)


async def list_outside_findings(wanted: FindingFilter, *, uow: UnitOfWork) -> Sequence[Finding]:
    async with uow:
        return await uow.outside_findings.list_page(wanted)


async def look_at_issuer(issuer: str, *, uow: UnitOfWork) -> Look:
    async with uow:
        return Look(
            backlog=await uow.outside.list_backlog(issuer),
            open_findings=await uow.outside_findings.count_open(issuer),
        )
