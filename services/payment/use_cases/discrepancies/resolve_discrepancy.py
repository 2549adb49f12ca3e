from chassis.clock import Clock
from chassis.duties import require_another_person, require_role
from chassis.ids import Ids
from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import Discrepancy, OwnerRole
from services.payment.domain.discrepancies.errors import (
    IncompleteDecision,
    MoneyUsed,
    NoMoneyHeld,
    ResolvesItself,
)
from services.payment.domain.discrepancies.worklist import Asked, Decision, EventKind, Resolution
from services.payment.domain.ledger.decided import withdrawal, write_off
from services.payment.ports.discrepancies import Use
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.discrepancies.apply_to_intent import apply_to_intent
from services.payment.use_cases.discrepancies.close_case import close_case
from services.payment.use_cases.discrepancies.work_on_case import (
    Deed,
    Workshop,
    remember,
    take_case,
)


async def resolve_discrepancy(
    deed: Deed,
    decision: Decision,
    *,
    alone_up_to: Money,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> Discrepancy:
    """Decide what becomes of a case, with its money and its news in one transaction.

    Money of more than `alone_up_to` waits until a second person decides the same; another
    decision takes the place of the one that waits.
    """
    shop = Workshop(uow=uow, clock=clock, ids=ids)
    async with uow:
        taken = await take_case(deed, shop=shop)
        case = taken.case
        if taken.is_repeat:
            return case
        _check(case, decision, deed)
        facts = _facts(decision)
        if _needs_two(case.held, alone_up_to) and not _is_second(case, decision, deed):
            asked = Asked(decision=decision, by=deed.by.subject, at=clock.now())
            if not await uow.discrepancies.save_asked(case.id, asked):
                raise MoneyUsed(case.id)
            await remember(deed, EventKind.ASKED, shop=shop, facts=facts)
            return await uow.discrepancies.get(case.id)
        await _carry_out(case, decision, deed, shop=shop)
        await close_case(case, decision.resolution, by=deed.by.subject, shop=shop)
        await remember(deed, EventKind.RESOLVED, shop=shop, facts=facts)
        return await uow.discrepancies.get(case.id)


def _check(case: Discrepancy, decision: Decision, deed: Deed) -> None:
    case.resolve(decision.resolution, by=deed.by.subject, at=case.found_at)
    if case.owner_role is OwnerRole.ACCOUNTANT:
        require_role(deed.by, OwnerRole.ACCOUNTANT, agency=_answers_for(case, deed))
    match decision.resolution:
        case Resolution.REFUNDED:
            raise ResolvesItself
        case Resolution.APPLIED if decision.payment_intent_id is None:
            raise IncompleteDecision("payment_intent_id")
        case Resolution.WRITTEN_OFF if _remitter(case, decision) is None:
            raise IncompleteDecision("agency_code")
        case Resolution.APPLIED | Resolution.WRITTEN_OFF if not case.held.minor_units:
            raise NoMoneyHeld(case.held)
        case _:
            return


def _needs_two(held: Money, alone_up_to: Money) -> bool:
    if not held.minor_units:
        return False
    return held.currency != alone_up_to.currency or alone_up_to < held


def _is_second(case: Discrepancy, decision: Decision, deed: Deed) -> bool:
    """Whether this is the second word for the same; by the same person it is refused."""
    if case.asked is None or case.asked.decision != decision:
        return False
    require_another_person(asked_by=case.asked.by, decided_by=deed.by)
    return True


async def _carry_out(case: Discrepancy, decision: Decision, deed: Deed, *, shop: Workshop) -> None:
    if not case.held.minor_units and case.received.minor_units and case.holds_money:
        raise MoneyUsed(case.id)
    if not case.holds_money:
        return
    if decision.resolution is Resolution.APPLIED and decision.payment_intent_id is not None:
        await apply_to_intent(case, decision.payment_intent_id, sight=deed.sight, shop=shop)
        return
    if not await shop.uow.discrepancies.use(case.id, Use.CLEARED, intent_id=None):
        raise MoneyUsed(case.id)
    now, id = shop.clock.now(), shop.ids.new()
    remitter = _remitter(case, decision)
    if decision.resolution is Resolution.WRITTEN_OFF and remitter is not None:
        await shop.uow.ledger.post(write_off(case, remitter, id=id, posted_at=now))
    else:
        await shop.uow.ledger.post(withdrawal(case, id=id, posted_at=now))


def _remitter(case: Discrepancy, decision: Decision) -> str | None:
    return decision.agency_code or case.agency_code or case.account_agency_code


def _answers_for(case: Discrepancy, deed: Deed) -> str:
    """Through which of the caller's agencies they see the case."""
    named = case.agency_code or case.account_agency_code
    return named if named is not None else min(deed.by.agencies, default="")


def _facts(decision: Decision) -> dict[str, str | None]:
    intent_id = decision.payment_intent_id
    return {
        "resolution": decision.resolution,
        "payment_intent_id": str(intent_id) if intent_id else None,
        "agency_code": decision.agency_code,
    }
