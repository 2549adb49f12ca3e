from datetime import datetime
from typing import Final

from gateway.domain.machines.signed_request import NONCE_KEPT_AFTER_EXPIRY
from gateway.ports.unit_of_work import UnitOfWork

SWEPT_AT_ONCE_MAX: Final = 1000


async def sweep(*, uow: UnitOfWork, at: datetime) -> None:
    """Close what is overdue and forget what can no longer matter, a bounded piece at a time."""
    async with uow:
        await uow.confirmations.expire(overdue_at=at, limit=SWEPT_AT_ONCE_MAX)
        await uow.sessions.forget(expired_before=at, limit=SWEPT_AT_ONCE_MAX)
        await uow.passkeys.forget_challenges(expired_before=at, limit=SWEPT_AT_ONCE_MAX)
        await uow.federated_identities.forget_logins(expired_before=at, limit=SWEPT_AT_ONCE_MAX)
        await uow.nonces.forget(
            expired_before=at - NONCE_KEPT_AFTER_EXPIRY, limit=SWEPT_AT_ONCE_MAX
        )
