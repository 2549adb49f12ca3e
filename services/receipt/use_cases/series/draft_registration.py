from chassis.clock import vietnam_date
from services.receipt.domain.errors import NoReceiptRule
from services.receipt.domain.series.registration import (
    Registration,
    RegistrationContent,
    RegistrationState,
)
from services.receipt.use_cases.series.tools import SeriesTools


async def draft_registration(
    agency_code: str, content: RegistrationContent, *, by: str, tools: SeriesTools
) -> Registration:
    """Written down, told to nobody yet. Raises FormNotAllowed for a form that no rule knows."""
    now = tools.clock.now()
    registration = Registration(
        id=tools.ids.new(),
        agency_code=agency_code,
        state=RegistrationState.DRAFT,
        content=content,
        drafted_at=now,
        drafted_by=by,
    )
    async with tools.open_uow() as uow:
        today = vietnam_date(now)
        rule = await uow.rules.find(on=today)
        if rule is None:
            raise NoReceiptRule(today)
        for form_code in content.forms:
            rule.require_form(form_code)
        await uow.registrations.add(registration)
    return registration
