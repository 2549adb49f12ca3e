"""A vault in a directory, on a disk of its own: a file for each address, never written twice."""

import asyncio
import contextlib
import errno
import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from chassis.canonical import sha256_hex
from services.receipt.domain.keeping.errors import (
    VaultCopyDiffers,
    VaultUnavailable,
    WrongAddress,
)
from services.receipt.ports.keeping import BYTES_MAX
from services.receipt.providers.vaults.address import is_address

READ_ONLY: Final = 0o440
DIRECTORY: Final = 0o750
# Beside the shelves and named like none of them: what is being written, and what was wrong.
PARTS: Final = "parts"
SET_ASIDE: Final = "set-aside"

T = TypeVar("T")


class FileVault:
    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, sha256: str, body: bytes, *, keep_until: date | None = None) -> bool:
        return await _in_thread(lambda: self._put(sha256, body))

    async def get(self, sha256: str) -> bytes | None:
        return await _in_thread(lambda: self._read(sha256))

    async def size_of(self, sha256: str) -> int | None:
        return await _in_thread(lambda: self._size_of(sha256))

    async def list_page(self, prefix: str, *, after: str, limit: int) -> Sequence[str]:
        return await _in_thread(lambda: self._list(prefix, after, limit))

    async def mend(self, sha256: str, body: bytes, *, keep_until: date | None = None) -> None:
        await _in_thread(lambda: self._mend(sha256, body))

    async def delete(self, sha256: str) -> None:
        await _in_thread(lambda: self._delete(sha256))

    def _put(self, sha256: str, body: bytes) -> bool:
        _require_address(sha256, body)
        there = self._read(sha256)
        if there is None:
            try:
                self._write(sha256, body, os.link)
            except FileExistsError:
                # Somebody else has put it meanwhile.
                there = self._read(sha256)
            else:
                _require_right(sha256, self._read(sha256))
                return True
        _require_right(sha256, there)
        return False

    def _mend(self, sha256: str, body: bytes) -> None:
        _require_address(sha256, body)
        wrong = self._read(sha256)
        if wrong is not None and sha256_hex(wrong) != sha256:
            aside = self._made(self._root / SET_ASIDE) / f"{sha256}.{sha256_hex(wrong)}"
            with contextlib.suppress(FileExistsError):
                os.link(self._place(sha256), aside)
            _sync_directory(aside.parent)
        self._write(sha256, body, os.replace)
        _require_right(sha256, self._read(sha256))

    def _write(self, sha256: str, body: bytes, settle: Callable[[str, Path], None]) -> None:
        """On disk before it has its name; the name is on disk before this returns."""
        place = self._place(sha256)
        for made in (place.parent.parent, place.parent):
            self._made(made)
        handle, part = tempfile.mkstemp(dir=self._made(self._root / PARTS))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fchmod(file.fileno(), READ_ONLY)
                os.fsync(file.fileno())
            settle(part, place)
            _sync_directory(place.parent)
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(part).unlink()

    def _read(self, sha256: str) -> bytes | None:
        self._require_root()
        try:
            with self._place(sha256).open("rb") as file:
                body = file.read(BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.EIO:
                # What the disk cannot read any more is as wrong as other bytes.
                return b""
            raise
        # What is larger than a receipt can be is wrong, and as much of it as was read says so.
        return body

    def _size_of(self, sha256: str) -> int | None:
        self._require_root()
        try:
            return self._place(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def _list(self, prefix: str, after: str, limit: int) -> Sequence[str]:
        """A prefix of two letters is one directory of directories, read in order until enough."""
        self._require_root()
        found: list[str] = []
        for shelf in sorted(self._root.glob(f"{prefix[:2]}*/??")):
            began = shelf.parent.name + shelf.name
            if len(began) != 4 or began < after[:4]:
                continue
            names = sorted(one.name for one in shelf.iterdir() if is_address(one.name))
            found += [one for one in names if one.startswith(prefix) and one > after]
            if len(found) >= limit:
                break
        return found[:limit]

    def _delete(self, sha256: str) -> None:
        place = self._place(sha256)
        with contextlib.suppress(FileNotFoundError):
            place.unlink()
            _sync_directory(place.parent)

    def _place(self, sha256: str) -> Path:
        if not is_address(sha256):
            raise WrongAddress
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def _require_root(self) -> None:
        """A disk that is not there must not look like one on which everything is lost."""
        if not self._root.is_dir():
            raise VaultUnavailable("its directory is not there")

    def _made(self, directory: Path) -> Path:
        if not directory.is_dir():
            directory.mkdir(mode=DIRECTORY, exist_ok=True)
            _sync_directory(directory.parent)
        return directory


def _require_address(sha256: str, body: bytes) -> None:
    if len(body) > BYTES_MAX or sha256_hex(body) != sha256:
        raise WrongAddress


def _require_right(sha256: str, there: bytes | None) -> None:
    if there is None or sha256_hex(there) != sha256:
        raise VaultCopyDiffers(sha256)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise VaultUnavailable(type(error).__name__) from error
