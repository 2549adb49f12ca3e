from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from chassis.idempotency import KeyReused
from chassis.ids import Ids
from chassis.money import Money
from services.payment.domain.refunds.errors import AmountAvailableDiffers, NothingToRefund
from services.payment.domain.refunds.events import RefundRequestedV1
from services.payment.domain.refunds.postings import posting_of
from services.payment.domain.refunds.refund import Refund, Requester
from services.payment.domain.refunds.shares import REFUNDS_MAX, check_available, shares
from services.payment.domain.refunds.source import RefundLine, RefundSource, SourceKind
from services.payment.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWish:
    """`seen` is what the caller saw to be left; `lines` may be empty when there is no choice."""

    kind: SourceKind
    source_id: UUID
    reach: Reach
    amount: Money
    seen: Money
    reason: str
    lines: Mapping[str, Money]
    requester: Requester
    fingerprint: str
    account_sealed: str | None = field(default=None, repr=False)


async def request_refund(
    wish: RefundWish, *, automatic_up_to: Money, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Refund:
    """Ask for money to go back; its amount is taken at once, so that no two ask for the same.

    Once for each requester and key. What is as small as `automatic_up_to` needs no second person.
    """
    async with uow:
        # The key is looked for last: a twin that commits between these looks is still seen.
        source = await uow.refunds.find_source(wish.kind, wish.source_id)
        taken = await uow.refunds.taken(source, besides=None, limit=REFUNDS_MAX) if source else ()
        before = await uow.refunds.find_asked(wish.requester)
        if before is not None:
            return _asked_before(before, wish)
        if source is None or not wish.reach.covers(
            client_id=source.client_id, agency_code=source.agency_code
        ):
            raise NothingToRefund
        check_available(source, wish.amount, seen=wish.seen)
        lines = shares(source, wish.amount, wish.lines, taken)
        asked = _asked(wish, source, lines, clock=clock, ids=ids)
        refund = _approved_if_small(asked, automatic_up_to)
        if not await uow.refunds.add_once(refund):
            # The same key, used at the same moment: whoever came first is answered for both.
            stored = await uow.refunds.find_asked(wish.requester)
            return _asked_before(stored or refund, wish)
        await _take(refund, wish, uow=uow)
        posting = posting_of(refund, leaving=None, id=ids.new(), posted_at=clock.now())
        if posting is not None:
            await uow.ledger.post(posting)
        await uow.outbox.add(RefundRequestedV1.of(refund), subject=str(refund.id))
        return refund


async def _take(refund: Refund, wish: RefundWish, *, uow: UnitOfWork) -> None:
    """The money's row is held from here to the end, so what others took can no longer change:
    by then the lines must still be what they were when we looked."""
    source = refund.source
    if await uow.refunds.reserve(refund, seen=wish.seen.minor_units):
        taken = await uow.refunds.taken(source, besides=refund.id, limit=REFUNDS_MAX)
        if shares(source, wish.amount, wish.lines, taken) == refund.lines:
            return
    now = await uow.refunds.find_source(source.kind, source.id)
    raise AmountAvailableDiffers(now.available if now else source.available)


def _asked_before(before: Refund, wish: RefundWish) -> Refund:
    if before.fingerprint != wish.fingerprint:
        raise KeyReused
    return before.as_created()


def _asked(
    wish: RefundWish,
    source: RefundSource,
    lines: tuple[RefundLine, ...],
    *,
    clock: Clock,
    ids: Ids,
) -> Refund:
    return Refund(
        id=ids.new(),
        source=source,
        amount=wish.amount,
        lines=lines,
        reason=wish.reason,
        requester=wish.requester,
        fingerprint=wish.fingerprint,
        requested_at=clock.now(),
        account_sealed=wish.account_sealed,
    )


def _approved_if_small(refund: Refund, automatic_up_to: Money) -> Refund:
    """The limit is in one currency; what came in another is always for a person to decide."""
    same_currency = refund.amount.currency == automatic_up_to.currency
    if same_currency and refund.amount <= automatic_up_to:
        return refund.approve_as_small(up_to=automatic_up_to, at=refund.requested_at)
    return refund
