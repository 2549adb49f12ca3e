from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import PasskeyLoginRefused, PasskeyRefused
from gateway.domain.people.passkey import (
    PASSKEY_CHALLENGE_LIFETIME,
    AssertionResult,
    ChallengePurpose,
    Passkey,
    PasskeyChallenge,
    request_options,
    user_handle,
)
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.people.begin_session import OpenedSession, begin_session
from gateway.use_cases.people.register_passkey import PasskeyTools, short


async def offer_passkey_login(*, uow: UnitOfWork, tools: PasskeyTools) -> Mapping[str, Any]:
    """Nobody says who they are: the authenticator knows, and offers its passkeys for our site."""
    challenge = PasskeyChallenge(
        text=tools.ids.token(32),
        purpose=ChallengePurpose.LOGIN,
        user_id=None,
        payment=False,
        expires_at=tools.clock.now() + PASSKEY_CHALLENGE_LIFETIME,
    )
    async with uow:
        await uow.passkeys.add_challenge(challenge)
    return request_options(tools.passkeys.party, challenge.text)


async def open_passkey_session(
    response: Mapping[str, Any], *, uow: UnitOfWork, tools: PasskeyTools
) -> OpenedSession:
    now = tools.clock.now()
    try:
        text = tools.passkeys.challenge_of(response)
        async with uow:
            challenge = await uow.passkeys.use_challenge(
                text, purpose=ChallengePurpose.LOGIN, now=now
            )
            passkey = await uow.passkeys.find(str(response.get("id")))
        if challenge is None or passkey is None:
            raise PasskeyLoginRefused
        shown = tools.passkeys.verify_assertion(passkey, response, challenge=_bytes_of(text))
    except PasskeyRefused as error:
        raise PasskeyLoginRefused from error
    async with uow:
        opened = await _use(passkey, shown, response, uow=uow, tools=tools)
    if opened is None:
        raise PasskeyLoginRefused
    return opened


async def _use(
    passkey: Passkey,
    shown: AssertionResult,
    response: Mapping[str, Any],
    *,
    uow: UnitOfWork,
    tools: PasskeyTools,
) -> OpenedSession | None:
    """None: the key may exist twice. That is written down, so the transaction must commit."""
    now = tools.clock.now()
    account = await uow.accounts.get_for_update(passkey.user_id)
    if response["response"].get("userHandle") != user_handle(account):
        raise PasskeyLoginRefused
    if not await uow.passkeys.use(passkey.id, shown.sign_count, backed_up=shown.backed_up, at=now):
        await uow.audit.add(count_went_back(passkey))
        return None
    return await begin_session(account.id, Acr.PASSKEY, uow=uow, clock=tools.clock, ids=tools.ids)


def count_went_back(passkey: Passkey) -> AuditEntry:
    """A copy of the key may be about: somebody has to look."""
    return AuditEntry(
        action="passkey.count_went_back",
        actor=f"user:{passkey.user_id}",
        subject=f"user:{passkey.user_id}",
        details={"credential": short(passkey.id)},
    )


def _bytes_of(challenge: str) -> bytes:
    return urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4))
