from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Account, CodeState
from gateway.ports.people import OneTimeCodes, Passwords
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    username: str
    password: str
    full_name: str


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    id: UUID
    totp_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTools:
    passwords: Passwords
    codes: OneTimeCodes
    clock: Clock
    ids: Ids


async def open_account(new: NewAccount, *, uow: UnitOfWork, tools: AccountTools) -> OpenedAccount:
    """The one-time code secret is shown here once and never again."""
    secret = tools.codes.new_secret(new.username)
    account = Account(
        id=tools.ids.new(),
        username=new.username,
        full_name=new.full_name,
        password_hash=await tools.passwords.hash(new.password),
        totp_sealed=secret.sealed,
        code_state=CodeState.PENDING,
        last_step=0,
        wrong_tries=0,
        locked_until=None,
        pairwise_salt=tools.ids.token(32),
        opened_at=tools.clock.now(),
    )
    async with uow:
        await uow.accounts.add(account)
        await uow.audit.add(
            AuditEntry(
                action="account.opened", actor=f"user:{account.id}", subject=f"user:{account.id}"
            )
        )
    return OpenedAccount(account.id, secret.provisioning_uri)
