from dataclasses import dataclass
from uuid import UUID

from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import LoginRefused
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.begin_session import OpenedSession, begin_session
from gateway.use_cases.people.open_account import AccountTools
from gateway.use_cases.people.recovery_codes import spend_recovery_code
from gateway.use_cases.people.spend_code import spend_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """With the code generator's code, or with a recovery code instead."""

    username: str
    password: str
    code: str | None = None
    recovery_code: str | None = None


async def open_session(
    given: Credentials, *, uow: UnitOfWork, tools: AccountTools
) -> OpenedSession:
    """Sign in with password and a code. Wrong passwords and wrong codes are counted apart:
    whoever does not know the password cannot use up the tries of the code."""
    now = tools.clock.now()
    async with uow:
        known = await uow.accounts.find_by_username(given.username)
    if known is not None:
        known.require_password_unlocked(now)
    # Slow by intention, so it runs between two transactions and not within one.
    fits = await tools.passwords.fits(given.password, known.password_hash if known else None)
    if known is None:
        raise LoginRefused
    async with uow:
        opened = await _judge(given, known.id, fits=fits, uow=uow, tools=tools)
    if opened is None:
        raise LoginRefused
    return opened


async def _judge(
    given: Credentials, account_id: UUID, *, fits: bool, uow: UnitOfWork, tools: AccountTools
) -> OpenedSession | None:
    """None is a wrong try, counted in this transaction, which must therefore commit."""
    now = tools.clock.now()
    account = await uow.accounts.get_for_update(account_id)
    account.require_password_unlocked(now)
    if not fits:
        await uow.accounts.count_wrong_password(account.id, now=now)
        return None
    if given.recovery_code is not None:
        acr = Acr.RECOVERY
        spent = await spend_recovery_code(account, given.recovery_code, uow=uow, now=now)
    else:
        acr = Acr.MFA
        step = await spend_code(account, given.code or "", uow=uow, codes=tools.codes, now=now)
        spent = step is not None
    if not spent:
        return None
    await uow.accounts.forget_wrong_passwords(account.id)
    return await begin_session(account.id, acr, uow=uow, clock=tools.clock, ids=tools.ids)
