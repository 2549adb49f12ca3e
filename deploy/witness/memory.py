"""What the witness has seen: one file with the last checkpoint, one that only ever grows.

Calls take a few milliseconds and are made from one thread, so they are plain and not async.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Any, Final

from deploy.verifier.audit_signatures import Checkpoint, checkpoint_of

LAST: Final = "last.json"
SEEN: Final = "checkpoints.jsonl"


class WitnessMemory:
    def __init__(self, directory: Path) -> None:
        """Nobody else may remember in this directory meanwhile: two would sign a fork between."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._lock: IO[str] = (directory / ".lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        self._lock.close()

    def last(self) -> Checkpoint | None:
        file = self._directory / LAST
        if not file.exists():
            return None
        return checkpoint_of(json.loads(file.read_bytes()))

    def remember(self, checkpoint: Checkpoint, *, jws: str, cosignature: str) -> None:
        """On the disk before anything is answered: what was forgotten could be signed twice."""
        line = json.dumps({"checkpoint": jws, "cosignature": cosignature}) + "\n"
        with (self._directory / SEEN).open("a", encoding="utf-8") as file:
            _write(file, line)
        aside = self._directory / f".{LAST}.new"
        with aside.open("w", encoding="utf-8") as file:
            _write(file, json.dumps(dict(checkpoint.said)))
        aside.replace(self._directory / LAST)
        folder = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(file: IO[Any], text: str) -> None:
    file.write(text)
    file.flush()
    os.fsync(file.fileno())
