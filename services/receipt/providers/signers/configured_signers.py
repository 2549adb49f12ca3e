"""The signers of a configuration: opened when first needed, taken up anew when the file changes.

A file that cannot be used changes nothing: the signers in force go on, and the log says so. A
signer that failed is left alone for a moment, so that it holds up nobody.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import structlog

from chassis.clock import Clock
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.ports.signing import Signer
from services.receipt.providers.signers.opening import Opening
from services.receipt.providers.signers.signers_file import (
    FILE,
    BadSignersFile,
    Entry,
    RemoteEntry,
    read_signers,
    signer_of,
)

LOOKED_AFTER: Final = timedelta(seconds=30)
LEFT_ALONE: Final = timedelta(seconds=5)
# What an authority says of its credential is asked anew after so long.
KNOWN_FOR: Final = timedelta(minutes=5)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerStanding:
    """How a signer stands now; no identity when it could not be asked."""

    name: str
    kind: str
    agencies: Sequence[str]
    since: datetime | None
    until: datetime | None
    identity: SigningIdentity | None
    why_not: str | None
    # For whom it signs now; `*` stands for all that no other signer names.
    signs_for: Sequence[str]

    def days_left(self, at: datetime) -> int | None:
        """Whole days until the certificate ends; negative when it has."""
        return (self.identity.valid_to - at).days if self.identity else None


class ConfiguredSigners:
    def __init__(self, folder: Path, *, client: httpx.AsyncClient, clock: Clock) -> None:
        """Raises BadSignersFile: nobody starts on a file they would have to guess about."""
        self._folder = folder
        self._clock = clock
        self._opening = Opening(folder, client=client, clock=clock)
        self._entries = read_signers(folder)
        self._seen = _mark(folder)
        self._looked_at = clock.now()
        self._opened: dict[Entry, _Guarded] = {}

    async def of(self, agency_code: str) -> Signer:
        now = self._clock.now()
        await self._look(now)
        entry = signer_of(self._entries, agency_code, at=now)
        if entry is None:
            raise SignerUnavailable(f"nobody is configured to sign for {agency_code}")
        signer = await self._open(entry)
        identity = signer.identity
        if not identity.valid_from <= now <= identity.valid_to:
            raise SignerUnavailable(f"the certificate of {entry.name} is not valid now")
        return signer

    async def standing(self) -> Sequence[SignerStanding]:
        """Every signer of the file, asked whether it is there."""
        await self._look(self._clock.now())
        return [await self._stand(entry) for entry in self._entries]

    async def named(self, name: str) -> Signer:
        """Whether it is its turn or not; for those who look after signers."""
        for entry in self._entries:
            if entry.name == name:
                return await self._open(entry)
        raise SignerUnavailable(f"{name} is not in the file")

    async def close(self) -> None:
        """The processes of tokens and connections of its own."""
        await self._opening.close()

    async def _stand(self, entry: Entry) -> SignerStanding:
        identity, why_not = None, None
        try:
            identity = (await self._open(entry)).identity
        except SignerUnavailable as unavailable:
            why_not = unavailable.message
        return SignerStanding(
            name=entry.name,
            kind=entry.kind,
            agencies=entry.agencies,
            since=entry.since,
            until=entry.until,
            identity=identity,
            why_not=why_not,
            signs_for=self._whom(entry),
        )

    def _whom(self, entry: Entry) -> Sequence[str]:
        now = self._clock.now()
        named = {agency for one in self._entries for agency in one.agencies}
        return sorted(one for one in named if signer_of(self._entries, one, at=now) is entry)

    async def _look(self, now: datetime) -> None:
        """A file that is gone, or names what is not there, changes nothing either."""
        if now - self._looked_at < LOOKED_AFTER:
            return
        self._looked_at = now
        mark = _mark(self._folder)
        if mark == self._seen:
            return
        try:
            if mark is None:
                raise BadSignersFile(f"{FILE} is gone")
            entries = read_signers(self._folder)
            for entry in entries:
                if entry.lasts_at(now):
                    await self._open(entry)
        except (BadSignersFile, SignerUnavailable, OSError) as error:
            log.error("the signers file is not taken up", error=str(error))
            return
        self._seen, self._entries = mark, entries
        log.info("signers taken up", names=[entry.name for entry in entries])

    async def _open(self, entry: Entry) -> "_Held":
        guarded = self._opened.get(entry)
        if guarded is None:
            guarded = _Guarded(entry, opening=self._opening, clock=self._clock)
            self._opened[entry] = guarded
        return await guarded.open()


class _Guarded:
    """A signer, opened when needed, and not asked again for a moment after it failed."""

    def __init__(self, entry: Entry, *, opening: Opening, clock: Clock) -> None:
        self._entry = entry
        self._opening = opening
        self._clock = clock
        self._being_opened = asyncio.Lock()
        self._opened: tuple[datetime, Signer] | None = None
        self._failed: tuple[datetime, SignerUnavailable] | None = None

    async def open(self) -> "_Held":
        # Those that come while it is being opened take what came of it.
        async with self._being_opened:
            self.require_rested()
            now = self._clock.now()
            remote = isinstance(self._entry, RemoteEntry)
            if self._opened is None or (remote and now - self._opened[0] >= KNOWN_FOR):
                try:
                    self._opened = now, await self._opening.open(self._entry)
                except (SignerUnavailable, OSError, ValueError, TypeError) as error:
                    raise self.fail(error) from error
            return _Held(self._opened[1], self)

    def fail(self, error: Exception) -> SignerUnavailable:
        """Whatever it was, the signer is opened anew the next time."""
        if not isinstance(error, SignerUnavailable):
            # What a file holds is never told.
            name = self._entry.name
            error = SignerUnavailable(f"{name} cannot be opened: {type(error).__name__}")
        self._opened, self._failed = None, (self._clock.now(), error)
        return error

    def require_rested(self) -> None:
        if self._failed and self._clock.now() - self._failed[0] < LEFT_ALONE:
            raise self._failed[1]


@dataclass(frozen=True, slots=True)
class _Held:
    """The signer as its caller found it: whatever is opened anew meanwhile, the certificate that
    they write down is the one that their signature is checked by."""

    signer: Signer
    guarded: _Guarded

    @property
    def identity(self) -> SigningIdentity:
        return self.signer.identity

    async def sign(self, content: bytes) -> bytes:
        self.guarded.require_rested()
        try:
            return await self.signer.sign(content)
        except SignerUnavailable as unavailable:
            raise self.guarded.fail(unavailable) from unavailable


def _mark(folder: Path) -> tuple[int, int] | None:
    path = folder / FILE
    if not path.exists():
        return None
    found = path.stat()
    return found.st_mtime_ns, found.st_size
