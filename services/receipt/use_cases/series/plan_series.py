"""A series that numbers will come from: of this year, or of the next one."""

from dataclasses import dataclass
from datetime import date

from chassis.clock import vietnam_date
from services.receipt.domain.errors import NoReceiptRule
from services.receipt.domain.series.errors import (
    FaceValueMismatch,
    SeriesExists,
    SeriesNotRegistered,
    YearNotAllowed,
)
from services.receipt.domain.series.life import WITH_FACE_VALUE, SeriesLife
from services.receipt.domain.series.series import ReceiptSeries
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.series.tools import SeriesTools


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlan:
    agency_code: str
    year: int
    form_code: str
    letters: str
    face_value: int | None = None


async def plan_series(plan: SeriesPlan, *, by: str, tools: SeriesTools) -> SeriesLife:
    """Form and letters are held against the rule that is in force when the series begins."""
    now = tools.clock.now()
    today = vietnam_date(now)
    if plan.year not in (today.year, today.year + 1):
        raise YearNotAllowed(plan.year)
    async with tools.open_uow() as uow:
        series = await _checked(plan, uow=uow, first_day=max(today, date(plan.year, 1, 1)))
        life = SeriesLife.plan(
            series,
            letters=plan.letters,
            year=plan.year,
            face_value=plan.face_value,
            at=now,
            by=by,
        )
        if tools.must_be_registered:
            await require_registration(life.series, uow=uow)
        if not await uow.register.add_once(life):
            raise SeriesExists(life.series.symbol)
    return life


async def require_registration(series: ReceiptSeries, *, uow: UnitOfWork) -> None:
    """Raises SeriesNotRegistered unless the last accepted registration names the form."""
    accepted = await uow.registrations.list_accepted(series.agency_code)
    if not accepted or not accepted[0].covers(series.form_code):
        raise SeriesNotRegistered(series.agency_code, series.form_code)


async def _checked(plan: SeriesPlan, *, uow: UnitOfWork, first_day: date) -> ReceiptSeries:
    rule = await uow.rules.find(on=first_day)
    if rule is None:
        raise NoReceiptRule(first_day)
    rule.require_form(plan.form_code)
    if plan.form_code.startswith(WITH_FACE_VALUE) != (plan.face_value is not None):
        raise FaceValueMismatch
    return ReceiptSeries(
        agency_code=plan.agency_code,
        form_code=plan.form_code,
        symbol=rule.symbol(plan.letters, plan.year),
    )
