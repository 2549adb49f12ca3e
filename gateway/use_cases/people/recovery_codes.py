from base64 import b32encode, urlsafe_b64decode
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Account
from gateway.domain.people.errors import CodeRefused
from gateway.domain.people.recovery import (
    RECOVERY_CODE_BYTES,
    RECOVERY_CODES,
    digest_of,
    written,
)
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.open_account import AccountTools
from gateway.use_cases.people.spend_code import spend_code


async def make_recovery_codes(
    user_id: UUID, code: str, *, uow: UnitOfWork, tools: AccountTools
) -> Sequence[str]:
    """Ten new ones in place of all before; shown now and never again."""
    now = tools.clock.now()
    codes = [_new_code(tools.ids) for _ in range(RECOVERY_CODES)]
    async with uow:
        account = await uow.accounts.get_for_update(user_id)
        step = await spend_code(account, code, uow=uow, codes=tools.codes, now=now)
        if step is not None:
            digests = [digest_of(one) for one in codes]
            await uow.recovery_codes.replace(user_id, digests, at=now)
            await uow.audit.add(
                AuditEntry(
                    action="recovery_codes.replaced",
                    actor=f"user:{user_id}",
                    subject=f"user:{user_id}",
                    details={"count": str(len(codes))},
                )
            )
    if step is None:
        raise CodeRefused
    return codes


async def spend_recovery_code(
    account: Account, code: str, *, uow: UnitOfWork, now: datetime
) -> bool:
    """Runs in the caller's transaction, as spend_code does; a wrong one counts as a wrong code."""
    account.require_unlocked(now)
    if not await uow.recovery_codes.use(digest_of(code), user_id=account.id, at=now):
        await uow.accounts.count_wrong_try(account.id, now=now)
        return False
    await uow.audit.add(
        AuditEntry(
            action="recovery_code.used",
            actor=f"user:{account.id}",
            subject=f"user:{account.id}",
        )
    )
    return True


def _new_code(ids: Ids) -> str:
    drawn = ids.token(RECOVERY_CODE_BYTES)
    raw = urlsafe_b64decode(drawn + "=" * (-len(drawn) % 4))
    return written(b32encode(raw).decode())
