from dataclasses import dataclass
from datetime import datetime

from chassis.canonical import sha256_hex
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import LIFETIMES, Acr, Holder
from gateway.domain.people.errors import LoginRefused
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.open_account import AccountTools
from gateway.use_cases.people.spend_code import spend_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    username: str
    password: str
    code: str


@dataclass(frozen=True, slots=True)
class OpenedSession:
    token: str
    expires_at: datetime


async def open_session(
    given: Credentials, *, uow: UnitOfWork, tools: AccountTools
) -> OpenedSession:
    """Sign in with password and one-time code. Wrong tries of either kind lock the account."""
    now = tools.clock.now()
    async with uow:
        known = await uow.accounts.find_by_username(given.username)
    if known is not None:
        known.require_unlocked(now)
    # Slow by intention, so it runs between two transactions and not within one.
    fits = await tools.passwords.fits(given.password, known.password_hash if known else None)
    if known is None:
        raise LoginRefused
    token = tools.ids.token(32)
    lifetime = LIFETIMES[Holder.CITIZEN]
    session_id = tools.ids.new()
    async with uow:
        account = await uow.accounts.get_for_update(known.id)
        account.require_unlocked(now)
        if fits:
            step = await spend_code(account, given.code, uow=uow, codes=tools.codes, now=now)
        else:
            step = None
            await uow.accounts.count_wrong_try(account.id, now=now)
        if step is not None:
            await uow.sessions.add(
                Session(
                    id=session_id,
                    family_id=session_id,
                    user_id=account.id,
                    token_hash=sha256_hex(token.encode()),
                    acr=Acr.MFA,
                    authenticated_at=now,
                    opened_at=now,
                    seen_at=now,
                    idle_until=now + lifetime.idle,
                    expires_at=now + lifetime.whole,
                )
            )
    if step is None:
        raise LoginRefused
    return OpenedSession(token, now + lifetime.whole)
