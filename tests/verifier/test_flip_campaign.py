"""Signed receipts with some bits of one byte turned, wherever it is: found out every time.

`RECEIPT_FLIPS=10 python -m pytest -s tests/verifier/test_flip_campaign.py` turns each byte by the
first so many patterns, ten being all; without it a sample is tried.
"""

import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import pytest

from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.verifier.anchors import Anchors
from deploy.verifier.receipt_pdf import read_signed_pdf
from deploy.verifier.receipt_xml import read_receipt_xml
from deploy.verifier.verdict import Broken
from services.receipt.providers.signers.file_signer import FileSigner
from services.receipt.renderers.own_word import OwnWord
from tests.receipt.samples import NOON
from tests.verifier.proving import Outsiders, pdf_of, xml_of
from tests.verifier.responding import Delegate, Responder, serving

FLIPS: Final = int(os.environ.get("RECEIPT_FLIPS", "0"))
# Each bit by itself, which also makes capitals of small letters; then several at once.
PATTERNS: Final = (0x01, 0x20, 0x02, 0x04, 0x08, 0x10, 0x40, 0x80, 0xFF, 0x0F)
STEPS: Final[Mapping[str, int]] = {"B-B XML": 7, "B-B PDF": 67, "B-LT PDF": 331, "B-LT XML": 31}
Read = Callable[[bytes, Anchors], object]


@pytest.fixture(scope="module")
async def documents(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Mapping[str, bytes], Anchors]:
    """Both forms with the signer's word alone, and with a time stamp and an OCSP answer."""
    folder = tmp_path_factory.mktemp("flips")
    ensure_development_keys(folder, clock=FrozenClock(NOON))
    outsiders = Outsiders(folder / "keys", FrozenClock(NOON))
    authority = outsiders.receipt_ca
    responder = Responder(authority, outsiders.clock, delegate=Delegate.of(authority, NOON))
    plain = FileSigner.from_directory(folder / "keys" / "receipt")
    with serving(responder) as url:
        signer = outsiders.new_signer(responder=url)
        proofs = outsiders.proofs(ocsp=True)
        xml, proven = await xml_of(plain, OwnWord()), await xml_of(signer, proofs)
        made = {
            "B-B XML": xml,
            "B-B PDF": await pdf_of(plain, OwnWord(), xml),
            "B-LT XML": proven,
            "B-LT PDF": await pdf_of(signer, proofs, proven),
        }
    return made, Anchors.of(folder / "trust" / "anchors.json")


@pytest.mark.parametrize("name", STEPS)
def test_no_turned_bits_go_unnoticed(
    documents: tuple[Mapping[str, bytes], Anchors], name: str
) -> None:
    raw, trusted = documents[0][name], documents[1]
    read: Read = read_signed_pdf if name.endswith("PDF") else read_receipt_xml
    accepted = partial(_accepted, read, trusted)
    assert accepted(raw)
    began, tried, unnoticed = time.monotonic(), 0, []

    for place in range(0, len(raw), 1 if FLIPS else STEPS[name]):
        for pattern in PATTERNS[:FLIPS] or (PATTERNS[place % len(PATTERNS)],):
            turned = bytearray(raw)
            turned[place] ^= pattern
            tried += 1
            if accepted(bytes(turned)):
                unnoticed.append((place, pattern))

    spent = time.monotonic() - began
    print(
        f"{name}: {len(raw):,} bytes, {tried:,} turned, {len(unnoticed)} unnoticed, {spent:.0f} s"
    )
    assert tried > 200
    assert unnoticed == []


def _accepted(read: Read, trusted: Anchors, raw: bytes) -> bool:
    try:
        read(raw, trusted)
    except Broken:
        return False
    return True
