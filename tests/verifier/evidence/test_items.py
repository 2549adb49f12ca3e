"""Items that are taken away, put in, exchanged or renamed; archives that are made to do harm."""

import io
import struct
import zipfile
from collections.abc import Callable
from itertools import pairwise

import pytest

from deploy.verifier.archive import BYTES_MAX, FILES_MAX
from gateway.domain.evidence.bundle import pack
from tests.gateway.evidence.rig import EvidenceRig, unpack
from tests.verifier.evidence.judging import failures, resigned


async def test_no_item_can_go_come_or_change_its_name(rig: EvidenceRig) -> None:
    rig.have_stamped()
    await rig.travel()
    bundle, anchors = await rig.export(), rig.anchors()
    files = unpack(bundle)

    for name in files:
        without = {one: raw for one, raw in files.items() if one != name}
        assert failures(pack(without), anchors), f"without {name}"
        for other in (f"x-{name}", name.replace("1-", "3-"), f"{name}.old"):
            if other != name:
                assert failures(pack({**without, other: files[name]}), anchors), other
    for one, other in pairwise(files):
        swapped = {**files, one: files[other], other: files[one]}
        if files[one] != files[other]:
            assert failures(pack(swapped), anchors), f"{one} for {other}"
    for added in ("receipts/9.xml", "keys/x.json", "audit/x.json", "README.txt", "manifest.json2"):
        assert failures(pack({**files, added: b"{}"}), anchors), added


async def test_parts_of_another_fee_do_not_fit(rig: EvidenceRig) -> None:
    await rig.travel()
    first = await rig.export()
    await rig.submit()
    await rig.keep_log()
    second = await rig.export()
    files = unpack(first)

    for name, raw in unpack(second).items():
        if files.get(name) != raw:
            assert failures(pack({**files, name: raw}), rig.anchors()), name


def squeezed(count: int = 1, size: int = 200_000_000) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            with archive.open(f"{number:06}", "w") as entry:
                for _ in range(size // 1_000_000):
                    entry.write(bytes(1_000_000))
    return packed.getvalue()


def twice() -> bytes:
    one = pack({"intent.json": b"{}"})
    entry = one[: one.index(b"PK\x01\x02")]
    return entry + one


def lying_about_size() -> bytes:
    raw = bytearray(pack({"intent.json": b"{}"}))
    raw[18:26] = struct.pack("<2L", 0xFFFFFFFE, 0xFFFFFFFE)
    return bytes(raw)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb": (squeezed, "cut short"),
    "a name twice": (twice, "there twice"),
    "a size that is not there": (lying_about_size, "cut short"),
    "too many files": (
        lambda: pack({f"{number:06}": b"" for number in range(FILES_MAX + 1)}),
        "more files",
    ),
    "more bytes than any bundle": (lambda: bytes(BYTES_MAX + 1), "larger than any"),
    "a path that leads out": (lambda: pack({"../../etc/passwd": b"x"}), "manifest.json is missing"),
    "nothing": (lambda: pack({}), "manifest.json is missing"),
}


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_an_archive_that_means_harm_is_refused_before_it_is_unpacked(kind: str) -> None:
    make, said = HOSTILE[kind]

    (reason,) = failures(make(), {}).values()

    assert said in reason


async def test_a_path_that_leads_out_has_no_place_even_when_it_is_listed(rig: EvidenceRig) -> None:
    await rig.travel()
    bundle = await rig.export()

    for name in ("../evil", "/etc/passwd", "requests/../../x", "keys\\x.json"):
        forged = resigned(rig, bundle, **{name: b"x"})
        assert failures(forged, rig.anchors()) == {"manifest": f"{name} has no place in a bundle"}
