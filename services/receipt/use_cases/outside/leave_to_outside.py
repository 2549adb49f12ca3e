from collections.abc import Mapping, Sequence

from chassis.clock import Clock, vietnam_date
from chassis.ids import Ids
from services.receipt.domain.errors import AgencyNotKnownYet
from services.receipt.domain.outside.issue import OutsideIssue, Wanted, key_of
from services.receipt.domain.receipts.fee import FeeLine, Kind, PaidFee
from services.receipt.ports.unit_of_work import UnitOfWork

Charges = Sequence[tuple[PaidFee, Mapping[tuple[str, Kind], Sequence[FeeLine]]]]


async def leave_to_outside(
    charges: Charges, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> frozenset[str]:
    """Order what others issue, in the transaction that claims the payments; the agencies that have
    others do it, which draw no number of ours. Asking is for afterwards: here a series is locked.
    """
    agencies = {agency for _, by_receipt in charges for agency, _ in by_receipt}
    issuers = {agency: uow.outside.issuer_of(agency) for agency in agencies}
    elsewhere = {agency: issuer for agency, issuer in issuers.items() if issuer is not None}
    if not elsewhere:
        return frozenset()
    now = clock.now()
    for agency in elsewhere:
        if await uow.collecting_bodies.find(agency, on=vietnam_date(now)) is None:
            raise AgencyNotKnownYet(agency, vietnam_date(now))
    await uow.outside.add(
        [
            OutsideIssue(
                id=ids.new(),
                issuer=elsewhere[agency],
                key=key_of(fee.payment_intent_id, agency, kind),
                wanted=Wanted.ORIGINAL,
                fee=fee,
                agency_code=agency,
                kind=kind,
                part=part,
                parts=len(by_receipt),
                lines=lines,
                payer_sealed=fee.payer_sealed,
                due_at=now,
                ordered_at=now,
            )
            for fee, by_receipt in charges
            for part, ((agency, kind), lines) in enumerate(by_receipt.items(), start=1)
            if agency in elsewhere
        ]
    )
    return frozenset(elsewhere)
