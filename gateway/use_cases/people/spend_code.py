from datetime import datetime

from gateway.domain.people.account import Account, CodeState
from gateway.ports.people import OneTimeCodes
from gateway.ports.unit_of_work import UnitOfWork


async def spend_code(
    account: Account, code: str, *, uow: UnitOfWork, codes: OneTimeCodes, now: datetime
) -> int | None:
    """The time step that this code uses up, or None for a wrong or spent code.

    Runs inside the caller's transaction, which holds the account's row. A wrong try is counted
    there, so the caller must let that transaction commit before it refuses.
    """
    account.require_unlocked(now)
    step = None
    if account.code_state is CodeState.ACTIVE:
        step = codes.matching_step(account.totp_sealed, code, now=now)
    if step is not None and await uow.accounts.spend_step(account.id, step):
        return step
    await uow.accounts.count_wrong_try(account.id, now=now)
    return None
