"""A bundle with one byte changed, wherever it is: found out every time, and nothing falls over."""

from typing import Final

from deploy.verifier.anchors import Anchors
from deploy.verifier.evidence_bundle import verify_bundle
from gateway.domain.evidence.bundle import pack
from tests.gateway.evidence.rig import EvidenceRig, unpack
from tests.verifier.evidence.judging import flipped, resigned

FORGED_EVERY: Final = 5
# What the gateway alone says of keys, and the bytes of a token that nobody signs, are only as good
# as the manifest; the copies of certificates are compared with what was judged.
OWN_WORD: Final = ("keys/", "timestamps/", "manifest.")


async def test_every_changed_byte_of_every_item_is_found(rig: EvidenceRig) -> None:
    rig.have_stamped()
    await rig.travel("remote-signature")
    bundle, trusted = await rig.export(), Anchors.of(rig.anchors())
    assert verify_bundle(bundle, trusted).valid
    files = unpack(bundle)

    tried, unnoticed = 0, []
    for name, content in files.items():
        for place in range(len(content)):
            changed = pack({**files, name: flipped(content, place)})
            tried += 1
            if verify_bundle(changed, trusted).valid:
                unnoticed.append((name, place))

    print(f"{tried} changed bytes in {len(files)} items")
    assert unnoticed == []
    assert tried == sum(map(len, files.values())) > 15_000


async def test_whoever_holds_the_evidence_key_alone_cannot_change_a_record(
    rig: EvidenceRig,
) -> None:
    """The manifest is made and signed anew each time: then signatures and the log must tell."""
    rig.have_stamped()
    await rig.travel()
    bundle, trusted = await rig.export(), Anchors.of(rig.anchors())
    files = {n: raw for n, raw in unpack(bundle).items() if not n.startswith(OWN_WORD)}

    tried, unnoticed = 0, []
    for name, content in files.items():
        for place in range(0, len(content), FORGED_EVERY):
            forged = resigned(rig, bundle, **{name: flipped(content, place)})
            tried += 1
            if verify_bundle(forged, trusted).valid:
                unnoticed.append((name, place))

    print(f"{tried} changed bytes under a manifest signed anew")
    assert unnoticed == []
    assert tried > 1_000
