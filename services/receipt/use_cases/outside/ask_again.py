from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from services.receipt.domain.amendments.amendment import AmendmentState
from services.receipt.domain.amendments.errors import IllegalAmendmentTransition
from services.receipt.domain.outside.errors import OutsideIssueNotFound
from services.receipt.domain.outside.issue import OrderState, OutsideIssue
from services.receipt.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """`payer_sealed`: who paid, in words that the issuer takes; None: as the payment said."""

    issue_id: UUID
    by: str
    payer_sealed: str | None = None


async def ask_again(retry: Retry, *, reach: Reach, uow: UnitOfWork, clock: Clock) -> OutsideIssue:
    """A person has mended what stood in the way: the contract, the issuer's books, or the words.

    It is asked under the same key, and looked for first: what was issued after all is found.
    Of what waits for nobody, and of what is asked again already, nothing changes.
    """
    now = clock.now()
    async with uow:
        issue = await uow.outside.get_for_update(retry.issue_id)
        if not reach.covers(client_id=issue.fee.client_id, agency_code=issue.agency_code):
            raise OutsideIssueNotFound
        if issue.state not in (OrderState.REFUSED, OrderState.DISPUTED):
            return issue
        if issue.amendment_id is not None:
            amendment = await uow.amendments.get_for_update(issue.amendment_id)
            if amendment.state is not AmendmentState.ORDERED:
                # Taken back meanwhile.
                raise IllegalAmendmentTransition(
                    current=amendment.state, wanted=AmendmentState.ORDERED
                )
        again = issue.ask_again(at=now, payer_sealed=retry.payer_sealed)
        await uow.outside.save(again)
        await uow.outside_findings.close_of_issue(issue.id, by=retry.by, at=now)
        return again
