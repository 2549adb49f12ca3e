import io
import json
import zipfile
from uuid import UUID

from gateway.domain.evidence.bundle import (
    AuditPart,
    Stamped,
    Stated,
    describe_files,
    make_bundle,
    pack,
)
from tests.gateway.samples import NOW

STATED = Stated(
    payment_intent_id=UUID(int=1),
    made_at=NOW,
    audit=AuditPart.PENDING,
    time_stamp=Stamped.NONE,
    missing=("receipts",),
)


def test_the_same_files_make_the_same_archive_whatever_their_order() -> None:
    files = {"b.txt": b"two", "a.txt": b"one"}

    assert pack(files) == pack(dict(reversed(files.items())))
    assert zipfile.ZipFile(io.BytesIO(pack(files))).namelist() == ["a.txt", "b.txt"]


def test_the_manifest_is_signed_as_it_stands_in_the_archive() -> None:
    signed: list[bytes] = []

    def sign(manifest: bytes) -> str:
        signed.append(manifest)
        return "signature"

    bundle = make_bundle({"a": b"1"}, STATED, sign=sign)

    archive = zipfile.ZipFile(io.BytesIO(bundle))
    assert archive.read("manifest.json") == signed[0]
    assert archive.read("manifest.jws") == b"signature"


def test_the_manifest_is_canonical() -> None:
    manifest = describe_files({"b": b"", "a": b""}, STATED)

    again = json.dumps(json.loads(manifest), sort_keys=True, separators=(",", ":")).encode()
    assert manifest == again
