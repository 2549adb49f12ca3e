from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.people.federation import LOGIN_LIFETIME, FederationLogin, LoginSecrets
from gateway.ports.people import Federations, OneTimeCodes
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationTools:
    federations: Federations
    codes: OneTimeCodes
    clock: Clock
    ids: Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunLogin:
    """`browser_secret` goes into a cookie: only the browser that began can finish."""

    url: str
    browser_secret: str


async def begin_federation_login(
    name: str, *, user_id: UUID | None, uow: UnitOfWork, tools: FederationTools
) -> BegunLogin:
    """With `user_id`: somebody signed in wants to link an account of the other house to theirs."""
    federation = tools.federations.get(name)
    browser_secret = tools.ids.token(32)
    secrets = LoginSecrets.of(browser_secret)
    url = await tools.federations.login_url(federation, secrets)
    async with uow:
        await uow.federated_identities.add_login(
            FederationLogin(
                state_digest=secrets.state_digest,
                federation=name,
                user_id=user_id,
                expires_at=tools.clock.now() + LOGIN_LIFETIME,
            )
        )
    return BegunLogin(url=url, browser_secret=browser_secret)
