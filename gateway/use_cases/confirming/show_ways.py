from gateway.domain.confirming.shown_ways import BY_CODE, ShownWays, choose
from gateway.domain.people.account import Session
from gateway.ports.showing import ShownPayments
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.confirming.show_payment import PaymentView, Stage


async def show_ways(
    view: PaymentView,
    asked: str | None,
    *,
    session: Session,
    payments: ShownPayments,
    uow: UnitOfWork,
) -> ShownWays:
    """How this fee can be paid online, and how the chosen way stands. Nothing once it is paid."""
    if view.stage not in (Stage.CONFIRMABLE, Stage.PAYABLE):
        return ShownWays()
    methods = tuple(await payments.list_methods(view.id, user_id=session.user_id))
    attempts = tuple(
        await payments.list_attempts(view.id, user_id=session.user_id)
        if view.stage is Stage.PAYABLE
        else ()
    )
    chosen = choose(asked, methods, attempts)
    async with uow:
        is_agreed = await uow.confirmations.is_confirmed(view.id, method=chosen)
    last = [one for one in attempts if one.method == chosen]
    return ShownWays(
        methods=methods,
        chosen=chosen,
        # Whoever may pay at all may scan the code: they agree at their own bank.
        is_agreed=is_agreed or (chosen == BY_CODE and view.stage is Stage.PAYABLE),
        attempt=last[-1] if last else None,
    )
