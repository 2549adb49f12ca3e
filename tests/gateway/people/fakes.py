"""The ports of people's ways to sign in, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from gateway.domain.people.account import Session
from gateway.domain.people.errors import PasskeyTaken
from gateway.domain.people.federation import FederatedIdentity, FederationLogin
from gateway.domain.people.passkey import ChallengePurpose, Passkey, PasskeyChallenge


@dataclass
class FakeSessions:
    sessions: list[Session] = field(default_factory=list)

    async def add(self, session: Session) -> None:
        self.sessions.append(session)

    async def find_open(self, token_hash: str, *, now: datetime) -> Session | None:
        fitting = (
            one for one in self.sessions if one.token_hash == token_hash and now < one.expires_at
        )
        return next(fitting, None)

    async def note_use(self, session_id: UUID, *, at: datetime, idle_until: datetime) -> None:
        self.sessions = [
            replace(one, seen_at=at, idle_until=idle_until) if one.id == session_id else one
            for one in self.sessions
        ]

    async def rotate_away(self, session_id: UUID, *, at: datetime) -> bool:
        fresh = [one for one in self.sessions if one.id == session_id and not one.rotated_at]
        self.sessions = [
            replace(one, rotated_at=at) if one in fresh else one for one in self.sessions
        ]
        return bool(fresh)

    async def end_family(
        self, family_id: UUID, *, at: datetime, user_id: UUID | None = None
    ) -> bool:
        ended = [
            one
            for one in self.sessions
            if one.family_id == family_id and user_id in (None, one.user_id)
        ]
        self.sessions = [one for one in self.sessions if one not in ended]
        return bool(ended)

    async def end_others(self, user_id: UUID, *, kept: UUID | None, at: datetime) -> Sequence[UUID]:
        ended = [one for one in self.sessions if one.user_id == user_id and one.family_id != kept]
        self.sessions = [one for one in self.sessions if one not in ended]
        return sorted({one.family_id for one in ended})

    async def list_open_of(self, user_id: UUID, *, now: datetime) -> Sequence[Session]:
        return [one for one in self.sessions if one.user_id == user_id and not one.rotated_at]

    async def forget(self, *, expired_before: datetime, limit: int) -> int:
        return 0


@dataclass
class FakePasskeys:
    passkeys: dict[str, Passkey] = field(default_factory=dict)
    challenges: dict[str, PasskeyChallenge] = field(default_factory=dict)

    async def add_challenge(self, challenge: PasskeyChallenge) -> None:
        self.challenges[challenge.text] = challenge

    async def use_challenge(
        self, text: str, *, purpose: ChallengePurpose, now: datetime
    ) -> PasskeyChallenge | None:
        challenge = self.challenges.get(text)
        if challenge is None or challenge.purpose is not purpose or now >= challenge.expires_at:
            return None
        return self.challenges.pop(text)

    async def add(self, passkey: Passkey) -> None:
        if passkey.id in self.passkeys:
            raise PasskeyTaken
        self.passkeys[passkey.id] = passkey

    async def find(self, credential_id: str) -> Passkey | None:
        return self.passkeys.get(credential_id)

    async def list_of(self, user_id: UUID) -> Sequence[Passkey]:
        return [one for one in self.passkeys.values() if one.user_id == user_id]

    async def use(
        self, credential_id: str, sign_count: int, *, backed_up: bool, at: datetime
    ) -> bool:
        known = self.passkeys[credential_id]
        if sign_count <= known.sign_count and (sign_count or known.sign_count):
            return False
        self.passkeys[credential_id] = replace(
            known, sign_count=sign_count, backed_up=backed_up, used_at=at
        )
        return True

    async def remove(self, credential_id: str, *, user_id: UUID) -> bool:
        return self.passkeys.pop(credential_id, None) is not None

    async def forget_challenges(self, *, expired_before: datetime, limit: int) -> int:
        return 0


@dataclass
class FakeRecoveryCodes:
    unused: dict[str, UUID] = field(default_factory=dict)

    async def replace(self, user_id: UUID, digests: Sequence[str], *, at: datetime) -> None:
        kept = {digest: owner for digest, owner in self.unused.items() if owner != user_id}
        self.unused = kept | dict.fromkeys(digests, user_id)

    async def use(self, digest: str, *, user_id: UUID, at: datetime) -> bool:
        if self.unused.get(digest) != user_id:
            return False
        del self.unused[digest]
        return True


@dataclass
class FakeFederatedIdentities:
    logins: dict[str, FederationLogin] = field(default_factory=dict)
    identities: dict[tuple[str, str], FederatedIdentity] = field(default_factory=dict)

    async def add_login(self, login: FederationLogin) -> None:
        self.logins[login.state_digest] = login

    async def use_login(
        self, state_digest: str, *, federation: str, now: datetime
    ) -> FederationLogin | None:
        return self.logins.pop(state_digest, None)

    async def forget_logins(self, *, expired_before: datetime, limit: int) -> int:
        return 0

    async def find(self, issuer: str, subject: str) -> FederatedIdentity | None:
        return self.identities.get((issuer, subject))

    async def link_once(self, identity: FederatedIdentity) -> bool:
        key = (identity.issuer, identity.subject)
        return self.identities.setdefault(key, identity) is identity

    async def list_of(self, user_id: UUID) -> Sequence[FederatedIdentity]:
        return [one for one in self.identities.values() if one.user_id == user_id]
