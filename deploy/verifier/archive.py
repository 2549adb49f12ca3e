"""The one spelling of an archive: stored, names in order, no dates, nothing beside the files."""

import struct
from collections.abc import Mapping
from io import BytesIO
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from deploy.verifier.verdict import Broken, require

DATE: Final = (1980, 1, 1, 0, 0, 0)
UNIX: Final = 3
MODE: Final = 0o644 << 16
ENTRY: Final = struct.Struct("<4s2B4HL2L2H")
ENTRY_MARK: Final = b"PK\x03\x04"
# A thousand records of evidence, four files each, and what goes with them.
FILES_MAX: Final = 5_000
BYTES_MAX: Final = 50_000_000


def read_archive(raw: bytes) -> Mapping[str, bytes]:
    """Reads the entries one after the other, then packs them again: that must give `raw`. So
    nothing can stand between them, and no two readers can see different files."""
    require(len(raw) <= BYTES_MAX, "it is larger than any bundle")
    files: dict[str, bytes] = {}
    place = 0
    while raw[place : place + 4] == ENTRY_MARK:
        require(len(files) < FILES_MAX, "it holds more files than any bundle")
        name, content, place = _entry(raw, place)
        require(name not in files, f"{name} is there twice")
        files[name] = content
    require(list(files) == sorted(files), "the files are not in order")
    require(_pack(files) == raw, "the archive is packed in another way than it was issued")
    return files


def _entry(raw: bytes, place: int) -> tuple[str, bytes, int]:
    try:
        fields = ENTRY.unpack_from(raw, place)
        size, name_length, extra_length = fields[9], fields[10], fields[11]
        begin = place + ENTRY.size
        name = raw[begin : begin + name_length].decode("ascii")
    except (struct.error, ValueError) as error:
        raise Broken("the archive is damaged") from error
    content_at = begin + name_length + extra_length
    end = content_at + size
    require(end <= len(raw), "the archive is cut short")
    return name, raw[content_at:end], end


def _pack(files: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name, DATE)
            entry.create_system = UNIX
            entry.external_attr = MODE
            archive.writestr(entry, content)
    return packed.getvalue()
