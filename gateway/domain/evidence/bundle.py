"""The evidence of one fee as one file that an outside program can check without us."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import Any, Final
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from chassis.canonical import canonical_json, sha256_hex

FORMAT: Final = "lephi-evidence/2"
# The oldest date a ZIP can carry: the archive says nothing of when or where it was packed.
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
STAMP_FOLDER: Final = "timestamps/"
FILES_STAMP: Final = f"{STAMP_FOLDER}files.tst"
CHECKPOINT_STAMP: Final = f"{STAMP_FOLDER}checkpoint.tst"

Sign = Callable[[bytes], str]


class AuditPart(StrEnum):
    INCLUDED = "included"
    PENDING = "pending"


class Stamped(StrEnum):
    """What the time stamp in a bundle is over."""

    CHECKPOINT = "checkpoint"
    FILES = "files"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the manifest says of the whole: above all what is not there, so that nobody pretends."""

    payment_intent_id: UUID
    made_at: datetime
    audit: AuditPart
    time_stamp: Stamped
    missing: Sequence[str]


def describe_files(files: Mapping[str, bytes], stated: Stated) -> bytes:
    """The manifest: every file by its digest, in the one canonical spelling."""
    return canonical_json(
        {
            "format": FORMAT,
            "payment_intent_id": str(stated.payment_intent_id),
            "made_at": stated.made_at.isoformat(),
            "audit": stated.audit.value,
            "time_stamp": stated.time_stamp.value,
            "missing": list(stated.missing),
            "files": _digests(files),
        }
    )


def stamped_bytes(files: Mapping[str, bytes], *, payment_intent_id: UUID) -> bytes:
    """What a stamp over the files is over: all of them but stamps, by name and digest."""
    said: dict[str, Any] = {
        "format": FORMAT,
        "payment_intent_id": str(payment_intent_id),
        "files": {
            name: digest
            for name, digest in _digests(files).items()
            if not name.startswith(STAMP_FOLDER)
        },
    }
    return canonical_json(said)


def pack(files: Mapping[str, bytes]) -> bytes:
    """A ZIP that is the same, byte by byte, for the same files."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for name in sorted(files):
            entry = ZipInfo(name, ZIP_DATE)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return packed.getvalue()


def make_bundle(files: Mapping[str, bytes], stated: Stated, *, sign: Sign) -> bytes:
    manifest = describe_files(files, stated)
    return pack(
        {**files, "manifest.json": manifest, "manifest.jws": sign(manifest).encode("ascii")}
    )


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: sha256_hex(content) for name, content in files.items()}
