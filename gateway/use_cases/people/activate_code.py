from uuid import UUID

from chassis.clock import Clock
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import CodeState
from gateway.domain.people.errors import AlreadyActive, CodeRefused
from gateway.ports.people import OneTimeCodes
from gateway.ports.unit_of_work import UnitOfWork


async def activate_code(
    account_id: UUID, code: str, *, uow: UnitOfWork, codes: OneTimeCodes, clock: Clock
) -> None:
    """Show that the payer's code generator works; until then nobody can sign in."""
    now = clock.now()
    async with uow:
        account = await uow.accounts.get_for_update(account_id)
        if account.code_state is CodeState.ACTIVE:
            raise AlreadyActive
        account.require_unlocked(now)
        step = codes.matching_step(account.totp_sealed, code, now=now)
        activated = step is not None and await uow.accounts.spend_step(account.id, step)
        if activated:
            await uow.accounts.activate(account.id)
            await uow.audit.add(
                AuditEntry(
                    action="code_generator.activated",
                    actor=f"user:{account.id}",
                    subject=f"user:{account.id}",
                )
            )
        else:
            await uow.accounts.count_wrong_try(account.id, now=now)
    if not activated:
        raise CodeRefused
