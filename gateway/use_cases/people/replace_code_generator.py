from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Account, Session
from gateway.domain.people.errors import CodeRefused, NoNewCodeSecret
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.open_account import AccountTools


async def offer_code_generator(session: Session, *, uow: UnitOfWork, tools: AccountTools) -> str:
    """A new secret, shown once; the one before goes on until the new one is shown to work."""
    async with uow:
        account = await uow.accounts.get_for_update(session.user_id)
        secret = tools.codes.new_secret(account.username)
        await uow.accounts.keep_next_secret(account.id, secret.sealed)
        await uow.audit.add(_entry("code_generator.offered", account))
    return secret.provisioning_uri


async def replace_code_generator(
    session: Session, code: str, *, uow: UnitOfWork, tools: AccountTools
) -> None:
    """Whoever was signed in elsewhere is signed out: the old generator may be in other hands."""
    now = tools.clock.now()
    async with uow:
        account = await uow.accounts.get_for_update(session.user_id)
        account.require_unlocked(now)
        if account.totp_next_sealed is None:
            raise NoNewCodeSecret
        step = tools.codes.matching_step(account.totp_next_sealed, code, now=now)
        replaced = step is not None and await uow.accounts.adopt_next_secret(account.id, step)
        if replaced:
            await uow.sessions.end_others(account.id, kept=session.family_id, at=now)
            await uow.audit.add(_entry("code_generator.replaced", account))
        else:
            await uow.accounts.count_wrong_try(account.id, now=now)
    if not replaced:
        raise CodeRefused


def _entry(action: str, account: Account) -> AuditEntry:
    return AuditEntry(action=action, actor=f"user:{account.id}", subject=f"user:{account.id}")
