from dataclasses import dataclass
from hmac import compare_digest
from uuid import UUID

from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Account, CodeState
from gateway.domain.people.errors import FederationRefused, IdentityTaken
from gateway.domain.people.federation import (
    IDENTITIES_MAX,
    FederatedIdentity,
    FederatedPerson,
    LoginSecrets,
)
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.begin_federation_login import FederationTools
from gateway.use_cases.people.begin_session import OpenedSession, begin_session


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """What the browser brought back. `issuer` is RFC 9207's, when the provider sends it."""

    state: str
    code: str
    issuer: str | None
    browser_secret: str


async def finish_federation_login(
    name: str, given: ProviderAnswer, *, uow: UnitOfWork, tools: FederationTools
) -> OpenedSession | None:
    """None: an account of the other house was linked to whoever had asked for it."""
    now = tools.clock.now()
    federation = tools.federations.get(name)
    secrets = LoginSecrets.of(given.browser_secret)
    if not compare_digest(secrets.state.encode(), given.state.encode()):
        raise FederationRefused("state")
    if given.issuer is not None and given.issuer != federation.issuer:
        raise FederationRefused("iss")
    async with uow:
        login = await uow.federated_identities.use_login(
            secrets.state_digest, federation=name, now=now
        )
    if login is None:
        raise FederationRefused("state")
    person = await tools.federations.redeem(federation, given.code, secrets, now=now)
    async with uow:
        if login.user_id is not None:
            await _link_to(login.user_id, person, uow=uow, tools=tools)
            return None
        user_id = await _user_of(person, uow=uow, tools=tools)
        return await begin_session(user_id, person.acr, uow=uow, clock=tools.clock, ids=tools.ids)


async def _user_of(person: FederatedPerson, *, uow: UnitOfWork, tools: FederationTools) -> UUID:
    known = await uow.federated_identities.find(person.issuer, person.subject)
    if known is not None:
        return known.user_id
    account = _account_for(person, tools=tools)
    await uow.accounts.add(account)
    await uow.audit.add(
        AuditEntry(
            action="account.opened",
            actor=f"user:{account.id}",
            subject=f"user:{account.id}",
            details={"issuer": person.issuer},
        )
    )
    await _link(account.id, person, uow=uow, tools=tools)
    return account.id


async def _link_to(
    user_id: UUID, person: FederatedPerson, *, uow: UnitOfWork, tools: FederationTools
) -> None:
    await uow.accounts.get_for_update(user_id)
    if len(await uow.federated_identities.list_of(user_id)) >= IDENTITIES_MAX:
        raise IdentityTaken
    await _link(user_id, person, uow=uow, tools=tools)


async def _link(
    user_id: UUID, person: FederatedPerson, *, uow: UnitOfWork, tools: FederationTools
) -> None:
    identity = FederatedIdentity(
        issuer=person.issuer,
        subject=person.subject,
        user_id=user_id,
        linked_at=tools.clock.now(),
    )
    if not await uow.federated_identities.link_once(identity):
        raise IdentityTaken
    await uow.audit.add(
        AuditEntry(
            action="federated_identity.linked",
            actor=f"user:{user_id}",
            subject=f"user:{user_id}",
            details={"issuer": person.issuer},
        )
    )


def _account_for(person: FederatedPerson, *, tools: FederationTools) -> Account:
    """No password, and a code generator that nobody has: the other house is the only way in."""
    id = tools.ids.new()
    username = f"federated-{id}"
    return Account(
        id=id,
        username=username,
        full_name=person.full_name,
        password_hash=None,
        totp_sealed=tools.codes.new_secret(username).sealed,
        code_state=CodeState.PENDING,
        last_step=0,
        wrong_tries=0,
        locked_until=None,
        pairwise_salt=tools.ids.token(32),
        opened_at=tools.clock.now(),
    )
