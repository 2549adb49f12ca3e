from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from chassis.clock import Clock, vietnam_date
from services.catalog.domain.agency import Agency
from services.catalog.domain.catalogue import Catalogue
from services.catalog.domain.errors import UnknownAgency
from services.catalog.domain.events import (
    AgencyPublishedV1,
    FeeSchedulePublishedV1,
    PaymentMethodsPublishedV1,
    ProcedurePublishedV1,
)
from services.catalog.domain.fee_schedule import FeeSchedule, refuse_overlaps
from services.catalog.domain.payment_method import PaymentMethodNotice
from services.catalog.domain.procedure import Procedure
from services.catalog.ports import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSummary:
    agencies: Tally
    procedures: Tally
    fee_schedules: Tally
    payment_methods: Tally


async def load_catalogue(catalogue: Catalogue, *, uow: UnitOfWork, clock: Clock) -> LoadSummary:
    """Publish what is new or changed, all of it or nothing. The same again says nothing."""
    today = vietnam_date(clock.now())
    async with uow:
        await uow.lock()
        return LoadSummary(
            agencies=await _load_agencies(catalogue.agencies, uow),
            procedures=await _load_procedures(catalogue.procedures, uow),
            fee_schedules=await _load_fee_schedules(catalogue.fee_schedules, uow, today),
            payment_methods=await _load_payment_methods(catalogue.payment_methods, uow),
        )


async def _load_agencies(wanted: Sequence[Agency], uow: UnitOfWork) -> Tally:
    stored = {a.code: a for a in await uow.agencies.list_by_codes([a.code for a in wanted])}
    new = [agency for agency in wanted if agency.code not in stored]
    changed = [agency for agency in wanted if stored.get(agency.code, agency) != agency]
    for agency in new:
        await uow.agencies.add(agency)
    for agency in changed:
        await uow.agencies.save(agency)
    for agency in (*new, *changed):
        await uow.outbox.add(AgencyPublishedV1.of(agency), subject=agency.code)
    return _tally(wanted, new, changed)


async def _load_procedures(wanted: Sequence[Procedure], uow: UnitOfWork) -> Tally:
    named = {code for procedure in wanted for code in procedure.agency_codes}
    known = {agency.code for agency in await uow.agencies.list_by_codes(named)}
    for procedure in wanted:
        for code in procedure.agency_codes:
            if code not in known:
                raise UnknownAgency(procedure.code, code)

    stored = {p.code: p for p in await uow.procedures.list_by_codes([p.code for p in wanted])}
    new = [procedure for procedure in wanted if procedure.code not in stored]
    changed = [one for one in wanted if stored.get(one.code, one) != one]
    for procedure in new:
        await uow.procedures.add(procedure)
    for procedure in changed:
        await uow.procedures.save(procedure)
    for procedure in (*new, *changed):
        await uow.outbox.add(ProcedurePublishedV1.of(procedure), subject=procedure.code)
    return _tally(wanted, new, changed)


async def _load_fee_schedules(wanted: Sequence[FeeSchedule], uow: UnitOfWork, today: date) -> Tally:
    codes = {schedule.procedure_code for schedule in wanted}
    for code in sorted(codes):
        await uow.procedures.get(code)
    stored = {one.id: one for one in await uow.fee_schedules.list_by_procedures(codes)}
    new = [schedule for schedule in wanted if schedule.id not in stored]
    changed = [
        stored[one.id].revised_as(one, today=today)
        for one in wanted
        if stored.get(one.id, one) != one
    ]
    refuse_overlaps({**stored, **{one.id: one for one in wanted}}.values())
    for schedule in changed:
        await uow.fee_schedules.save_end_and_explanation(schedule)
    for schedule in new:
        await uow.fee_schedules.add(schedule)
    # Ends go out before beginnings, so that a reader in order never sees two at once.
    for schedule in (*changed, *new):
        await uow.outbox.add(FeeSchedulePublishedV1.of(schedule), subject=str(schedule.id))
    return _tally(wanted, new, changed)


async def _load_payment_methods(
    wanted: Sequence[PaymentMethodNotice] | None, uow: UnitOfWork
) -> Tally:
    if wanted is None:
        return Tally()
    stored = await uow.payment_methods.list_all()
    if list(stored) == list(wanted):
        return Tally(unchanged=len(wanted))
    before = {method.code: method for method in stored}
    new = [method for method in wanted if method.code not in before]
    changed = [method for method in wanted if before.get(method.code, method) != method]
    await uow.payment_methods.replace_all(wanted)
    await uow.outbox.add(PaymentMethodsPublishedV1.of(wanted), subject="payment-methods")
    withdrawn = before.keys() - {method.code for method in wanted}
    return replace(_tally(wanted, new, changed), withdrawn=len(withdrawn))


def _tally(wanted: Sequence[object], new: Sequence[object], changed: Sequence[object]) -> Tally:
    return Tally(
        new=len(new), changed=len(changed), unchanged=len(wanted) - len(new) - len(changed)
    )
