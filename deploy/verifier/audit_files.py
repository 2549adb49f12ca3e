"""An exported audit log, and what witnesses keep, as files of JSON lines."""

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from deploy.verifier.audit_log import AuditJudge, AuditKeys, Held
from deploy.verifier.encodings import from_base64url
from deploy.verifier.verdict import Broken, Unreadable, Verdict

FORMAT: Final = "lephi-audit-log/1"
LINE_BYTES_MAX: Final = 1_048_576
FILES_MAX: Final = 10_000


def verify_export(
    path: Path, *, anchors: Mapping[str, Any] | Path, witnesses: Sequence[Path] = ()
) -> Verdict:
    """Judge a log exported by `lephi audit export`, against what witnesses hold, if given."""
    judge = AuditJudge(AuditKeys.of(read_anchors(anchors)), held_by(witnesses))
    lines = read_lines(path)
    first = next(lines, None)
    if first is None or first.get("format") != FORMAT:
        raise Unreadable(f"{path} is not an exported audit log")
    for line in lines:
        feed(judge, line)
    judge.finish()
    return judge.verdict()


def feed(judge: AuditJudge, line: Mapping[str, Any]) -> None:
    leaf, checkpoint = line.get("leaf"), line.get("checkpoint")
    if isinstance(leaf, dict):
        record, stated = leaf.get("record"), leaf.get("hash")
        judge.add_leaf(
            leaf.get("index"),
            record.encode("utf-8", "surrogatepass") if isinstance(record, str) else record,
            _unhex(stated),
        )
    elif isinstance(checkpoint, dict):
        judge.add_checkpoint(checkpoint)
    else:
        judge.problems.add("leaves", "a line is neither a leaf nor a checkpoint")


def read_anchors(anchors: Mapping[str, Any] | Path) -> Mapping[str, Any]:
    if not isinstance(anchors, Path):
        return anchors
    try:
        said = json.loads(anchors.read_bytes())
    except (OSError, ValueError) as error:
        raise Unreadable(f"The anchors cannot be read: {error}") from error
    if not isinstance(said, dict):
        raise Unreadable("The anchors are no object")
    return said


def held_by(witnesses: Iterable[Path]) -> Iterator[Held]:
    """All checkpoints that these files and folders hold, smallest first."""
    files: list[Path] = []
    for path in witnesses:
        if not path.exists():
            raise Unreadable(f"{path} is not there")
        files += sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if len(files) > FILES_MAX:
        raise Unreadable(f"more than {FILES_MAX} files of witnesses")
    return heapq.merge(*(_held_in(file) for file in files), key=lambda one: one.size)


def _held_in(file: Path) -> Iterator[Held]:
    for line in read_lines(file):
        jws = line.get("checkpoint")
        yield Held(witness=f"{file.parent.name}/{file.name}", size=_size(jws), jws=jws)


def _size(jws: Any) -> int:
    """Said, not yet believed: the judge reads it again and checks the signature."""
    try:
        said = json.loads(from_base64url(str(jws).split(".")[1], "a checkpoint"))
        return int(said["size"])
    except (Broken, ValueError, IndexError, KeyError, TypeError):
        return 0


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            while line := file.readline(LINE_BYTES_MAX):
                said = json.loads(line)
                yield said if isinstance(said, dict) else {}
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error


def _unhex(text: Any) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except (ValueError, TypeError):
        return None
