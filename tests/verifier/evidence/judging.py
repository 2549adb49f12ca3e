"""A bundle taken apart, put together again, and judged."""

from collections.abc import Mapping
from typing import Any

import rfc8785

from chassis.canonical import sha256_hex
from deploy.verifier import Item, Verdict
from deploy.verifier.anchors import Anchors
from deploy.verifier.encodings import json_object
from deploy.verifier.evidence_bundle import verify_bundle
from gateway.authentication.evidence.bundle_signer import JwsBundleSigner
from gateway.domain.evidence.bundle import pack
from tests.gateway.evidence.rig import EvidenceRig, unpack


def judge(bundle: bytes, anchors: Mapping[str, Any]) -> Verdict:
    return verify_bundle(bundle, Anchors.of(anchors))


def failures(bundle: bytes, anchors: Mapping[str, Any]) -> dict[str, str]:
    verdict = judge(bundle, anchors)
    failed = {item.name: item.detail for item in verdict.items if not item.valid}
    assert verdict.valid == (not failed)
    return failed


def notes(bundle: bytes, anchors: Mapping[str, Any]) -> dict[str, str]:
    return {item.name: item.detail for item in judge(bundle, anchors).items if item.note}


def item_of(bundle: bytes, anchors: Mapping[str, Any], name: str) -> Item:
    return next(item for item in judge(bundle, anchors).items if item.name == name)


def resigned(rig: EvidenceRig, bundle: bytes, **files: bytes | None) -> bytes:
    """As a gateway with the evidence key, but without the log's and the others', could forge it.

    None takes a file away.
    """
    kept = unpack(bundle)
    for name, content in files.items():
        kept.pop(name, None)
        if content is not None:
            kept[name] = content
    said = json_object(kept.pop("manifest.json"), "the manifest")
    del kept["manifest.jws"]
    said["files"] = {name: sha256_hex(content) for name, content in kept.items()}
    manifest = rfc8785.dumps(said)
    key = rig.world.settings.keys_dir / "gateway" / "evidence.key.pem"
    jws = JwsBundleSigner.from_file(key).sign(manifest)
    return pack({**kept, "manifest.json": manifest, "manifest.jws": jws.encode()})


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ (1 << place % 8)]) + raw[place + 1 :]
