from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.clock import Clock
from chassis.ids import Ids
from gateway.domain.audit.entry import AuditEntry
from gateway.domain.people.account import Session
from gateway.domain.people.errors import ChallengeRefused, TooManyPasskeys
from gateway.domain.people.passkey import (
    PASSKEY_CHALLENGE_LIFETIME,
    PASSKEYS_MAX,
    ChallengePurpose,
    Passkey,
    PasskeyChallenge,
    RegistrationResult,
    creation_options,
)
from gateway.ports.people import Passkeys
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyTools:
    passkeys: Passkeys
    clock: Clock
    ids: Ids


async def offer_passkey_registration(
    session: Session, *, payment: bool, uow: UnitOfWork, tools: PasskeyTools
) -> Mapping[str, Any]:
    """What to ask the authenticator for; the answer must come within five minutes, once."""
    challenge = PasskeyChallenge(
        text=tools.ids.token(32),
        purpose=ChallengePurpose.REGISTRATION,
        user_id=session.user_id,
        payment=payment,
        expires_at=tools.clock.now() + PASSKEY_CHALLENGE_LIFETIME,
    )
    async with uow:
        account = await uow.accounts.get_for_update(session.user_id)
        known = await uow.passkeys.list_of(session.user_id)
        if len(known) >= PASSKEYS_MAX:
            raise TooManyPasskeys(PASSKEYS_MAX)
        await uow.passkeys.add_challenge(challenge)
    return creation_options(tools.passkeys.party, account, challenge, known=known)


async def register_passkey(
    session: Session,
    name: str,
    response: Mapping[str, Any],
    *,
    uow: UnitOfWork,
    tools: PasskeyTools,
) -> Passkey:
    """The challenge is used up whatever the answer is worth."""
    text = tools.passkeys.challenge_of(response)
    now = tools.clock.now()
    async with uow:
        challenge = await uow.passkeys.use_challenge(
            text, purpose=ChallengePurpose.REGISTRATION, now=now
        )
    if challenge is None or challenge.user_id != session.user_id:
        raise ChallengeRefused
    made = tools.passkeys.verify_registration(response, challenge=text)
    passkey = Passkey(
        id=made.credential_id,
        user_id=session.user_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
        aaguid=made.aaguid,
        backup_eligible=made.backup_eligible,
        backed_up=made.backed_up,
        payment=challenge.payment,
        name=name,
        created_at=now,
    )
    async with uow:
        # Holding the account's row, so that two registrations at once cannot pass the limit.
        await uow.accounts.get_for_update(session.user_id)
        if len(await uow.passkeys.list_of(session.user_id)) >= PASSKEYS_MAX:
            raise TooManyPasskeys(PASSKEYS_MAX)
        await uow.passkeys.add(passkey)
        await uow.audit.add(_registered(passkey, made, session=session))
    return passkey


def _registered(passkey: Passkey, made: RegistrationResult, *, session: Session) -> AuditEntry:
    return AuditEntry(
        action="passkey.registered",
        actor=f"user:{session.user_id}",
        subject=f"user:{session.user_id}",
        details={
            "credential": short(passkey.id),
            "aaguid": made.aaguid,
            "acr": session.acr.value,
            "payment": str(passkey.payment).lower(),
        },
    )


def short(credential_id: str) -> str:
    """Enough of a credential's id to find it by; the whole may be longer than a detail."""
    return credential_id[:64]
