"""Argon2id, off the event loop and a few at a time: each takes memory and a core on purpose."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError


class Argon2Passwords:
    def __init__(self, *, time_cost: int, memory_kibibytes: int, at_once_max: int) -> None:
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kibibytes, parallelism=1
        )
        self._at_once = asyncio.Semaphore(at_once_max)
        # Checked for unknown users, so that they take as long as known ones.
        self._nobody = self._hasher.hash("nobody")

    async def hash(self, password: str) -> str:
        async with self._at_once:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, password_hash: str | None) -> bool:
        async with self._at_once:
            fits = await asyncio.to_thread(self._verify, password_hash or self._nobody, password)
        return fits and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerificationError:
            return False
