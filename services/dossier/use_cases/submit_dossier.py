"""Take in a dossier: one transaction for its code, its fee, its first steps and its news."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.clock import Clock, vietnam_date
from chassis.idempotency import KeyReused
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.dossier.domain.dossier import AgencySeen, Dossier, ProcedureSeen
from services.dossier.domain.dossier_code import DossierCode
from services.dossier.domain.events import (
    PAYER_PURPOSE,
    DossierSubmittedV1,
    FeeRequestedV1,
    payer_facts,
)
from services.dossier.domain.fee import compute_fee
from services.dossier.domain.fee_request import FeeRequest
from services.dossier.domain.filing import Filing
from services.dossier.ports import Submission, UnitOfWork
from services.dossier.use_cases.advance_dossier import advance_dossier
from services.dossier.use_cases.find_offer import Offer, find_offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a submission takes besides the filing itself."""

    clock: Clock
    ids: Ids
    sealing: SealingPort
    # How long the payer may take before the fee request is overdue.
    pay_within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The dossier with what was fixed at its creation; a repeat is answered with the same."""

    dossier: Dossier
    fee_request_id: UUID | None


async def submit_dossier(filing: Filing, *, uow: UnitOfWork, desk: Desk) -> Submitted:
    """Once for each client and key, however often and however simultaneously it is asked."""
    dossier_id = desk.ids.new()
    claim = Submission(
        client_id=filing.client_id,
        idempotency_key=filing.idempotency_key,
        request_fingerprint=filing.request_fingerprint,
        dossier_id=dossier_id,
    )
    async with uow:
        if not await uow.submissions.claim(claim):
            return await _submitted_before(filing, uow)
        now = desk.clock.now()
        offer = await find_offer(
            filing.procedure_code,
            agency_code=filing.agency_code,
            on=vietnam_date(now),
            catalog=uow.catalog,
        )
        fee = compute_fee(offer.schedule, filing.question)
        # Drawn last of all that may refuse: the counter's row is held from here to the commit.
        day = vietnam_date(now)
        number = await uow.dossiers.next_number(filing.agency_code, day)
        dossier = Dossier(
            id=dossier_id,
            code=str(DossierCode(agency_code=filing.agency_code, day=day, number=number)),
            client_id=filing.client_id,
            procedure=_procedure_seen(offer),
            agency=_agency_seen(offer),
            channel=filing.question.channel,
            payer_type=filing.question.payer_type,
            case_code=filing.question.case_code,
            fee=fee,
            submitted_at=now,
        )
        await uow.dossiers.add(dossier, filing.applicant)
        await uow.outbox.add(DossierSubmittedV1.of(dossier), subject=str(dossier.id))
        fee_request = await _request_fee(dossier, filing, offer, uow=uow, desk=desk)
        moved = await advance_dossier(dossier, fee_request=fee_request, uow=uow, clock=desk.clock)
        return Submitted(dossier=moved, fee_request_id=fee_request.id if fee_request else None)


async def _submitted_before(filing: Filing, uow: UnitOfWork) -> Submitted:
    before = await uow.submissions.get(filing.client_id, filing.idempotency_key)
    if before.request_fingerprint != filing.request_fingerprint:
        raise KeyReused
    request = await uow.fee_requests.find_of(before.dossier_id)
    return Submitted(
        dossier=await uow.dossiers.get(before.dossier_id),
        fee_request_id=request.id if request else None,
    )


async def _request_fee(
    dossier: Dossier, filing: Filing, offer: Offer, *, uow: UnitOfWork, desk: Desk
) -> FeeRequest | None:
    if not dossier.fee.is_due:
        return None
    request = FeeRequest(
        id=desk.ids.new(),
        dossier_id=dossier.id,
        amount=dossier.fee.total,
        payee=offer.agency.account,
        due_at=dossier.submitted_at + desk.pay_within,
    )
    await uow.fee_requests.add(request)
    sealed = desk.sealing.seal(payer_facts(filing.applicant), purpose=PAYER_PURPOSE)
    await uow.outbox.add(
        FeeRequestedV1.of(request, dossier, payer_sealed=sealed), subject=str(dossier.id)
    )
    return request


def _procedure_seen(offer: Offer) -> ProcedureSeen:
    return ProcedureSeen(
        code=offer.procedure.procedure_code,
        name=offer.procedure.name,
        processing_days=offer.procedure.processing_days,
        processing_day_kind=offer.procedure.processing_day_kind,
    )


def _agency_seen(offer: Offer) -> AgencySeen:
    return AgencySeen(
        code=offer.agency.agency_code,
        name=offer.agency.name,
        address=offer.agency.address,
        phone=offer.agency.phone,
    )
