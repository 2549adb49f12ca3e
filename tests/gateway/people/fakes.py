"""The ports of people's ways to sign in, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from gateway.domain.people.errors import PasskeyTaken
from gateway.domain.people.passkey import ChallengePurpose, Passkey, PasskeyChallenge


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
