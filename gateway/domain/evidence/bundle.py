"""The evidence of one fee as one file that an outside program can check without us."""

from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Final
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from chassis.canonical import canonical_json, sha256_hex

FORMAT: Final = "lephi-evidence/1"
# The oldest date a ZIP can carry: the archive says nothing of when or where it was packed.
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)

Sign = Callable[[bytes], str]


def describe_files(
    files: Mapping[str, bytes], *, payment_intent_id: UUID, made_at: datetime
) -> bytes:
    """The manifest: every file by its digest, in the one canonical spelling."""
    return canonical_json(
        {
            "format": FORMAT,
            "payment_intent_id": str(payment_intent_id),
            "made_at": made_at.isoformat(),
            "files": {name: sha256_hex(content) for name, content in files.items()},
        }
    )


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


def make_bundle(
    files: Mapping[str, bytes], *, payment_intent_id: UUID, made_at: datetime, sign: Sign
) -> bytes:
    manifest = describe_files(files, payment_intent_id=payment_intent_id, made_at=made_at)
    return pack(
        {**files, "manifest.json": manifest, "manifest.jws": sign(manifest).encode("ascii")}
    )
