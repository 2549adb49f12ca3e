"""That every record of a bundle has its place in the audit log, and who signed the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import rfc8785

from deploy.verifier.anchors import Anchors
from deploy.verifier.audit_signatures import Checkpoint, read_checkpoint, require_cosigned
from deploy.verifier.audit_tree import PATH_MAX, hash_leaf, require_included
from deploy.verifier.encodings import canonical_object, instant_at, sha256_hex, text_at
from deploy.verifier.evidence_bundle_manifest import CHECKPOINT, CONFIRMATION, Contents
from deploy.verifier.verdict import Broken, require

RECORDED: Final = "evidence.recorded"
PLACE: Final = {"evidence_id", "recorded_at", "index", "leaf", "path"}
PLACE_TEXTS: Final = ("evidence_id", "leaf")
WITNESSES_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    checkpoint: Checkpoint
    jws: str
    witnesses: tuple[str, ...]


def read_signed_checkpoint(contents: Contents, anchors: Anchors) -> Signed:
    said = canonical_object(contents.files[CHECKPOINT], "the checkpoint's file")
    require(
        said.keys() == {"size", "checkpoint", "cosignatures"},
        "the checkpoint's file has other members than agreed",
    )
    jws = text_at(said, "checkpoint", "the checkpoint's file")
    checkpoint = read_checkpoint(jws, anchors.checkpoint_keys)
    require(said["size"] == checkpoint.size, "the checkpoint is of another size")
    cosignatures = said["cosignatures"]
    if not isinstance(cosignatures, list) or len(cosignatures) > WITNESSES_MAX:
        raise Broken("the cosignatures cannot be read")
    witnesses = []
    for one in cosignatures:
        name = text_at(one if isinstance(one, dict) else {}, "witness", "a cosignature")
        # Whom we do not know, and who only kept a copy, says nothing to us.
        if name in anchors.witness_keys and one.get("jws") is not None:
            require_cosigned(one["jws"], checkpoint, witness=name, keys=anchors.witness_keys)
            witnesses.append(name)
    return Signed(checkpoint=checkpoint, jws=jws, witnesses=tuple(witnesses))


def require_recorded(name: str, contents: Contents, signed: Signed) -> int:
    """`name` as below `audit/`. The leaf holds the digest of exactly what this bundle shows."""
    said = canonical_object(contents.files[f"audit/{name}.json"], "the place in the log")
    require(said.keys() == PLACE, "the place in the log has other members than agreed")
    evidence_id, leaf = (text_at(said, one, "the place in the log") for one in PLACE_TEXTS)
    facts = _facts(name, contents)
    moment = instant_at(facts["record"], _moment_of(name), "the record")
    recorded = instant_at(said, "recorded_at", "the place in the log")
    require(recorded == moment, "it was recorded at another time than it says")
    digest = sha256_hex(
        rfc8785.dumps({**facts, "id": evidence_id, "recorded_at": said["recorded_at"]})
    )
    record = canonical_object(leaf.encode(), "the log's record")
    require(
        record.get("action") == RECORDED
        and record.get("subject") == f"evidence:{evidence_id}"
        and record.get("details") == {"kind": facts["kind"], "sha256": digest},
        "the log holds another digest",
    )
    index = said["index"]
    if type(index) is not int:
        raise Broken("the place in the log is no number")
    root = require_included(
        hash_leaf(leaf.encode()), index, signed.checkpoint.size, _path(said["path"])
    )
    require(root == signed.checkpoint.root, "it is not in the log that was signed")
    return index


def _moment_of(name: str) -> str:
    return "confirmed_at" if name == "confirmation" else "received_at"


def _facts(name: str, contents: Contents) -> dict[str, Any]:
    files = contents.files
    if name == "confirmation":
        require(files.keys() >= set(CONFIRMATION), "the confirmation is not complete")
        shown: str | None = sha256_hex(files["shown.txt"])
        record, body, base = files["confirmation.json"], files["intent.json"], b""
        kind = "confirmation"
    else:
        folder, shown = f"requests/{name}", None
        record, body, base = _parts(folder, files)
        kind = contents.requests[folder]
    return {
        "kind": kind,
        "record": canonical_object(record, "the record"),
        "body_sha256": sha256_hex(body),
        "signature_base_sha256": sha256_hex(base) if base else None,
        "shown_sha256": shown,
    }


def _parts(folder: str, files: Mapping[str, bytes]) -> tuple[bytes, bytes, bytes]:
    return (
        files[f"{folder}/record.json"],
        files[f"{folder}/body.bin"],
        files[f"{folder}/signature-base.txt"],
    )


def _path(stated: Any) -> list[bytes]:
    if not isinstance(stated, list) or len(stated) > PATH_MAX:
        raise Broken("the path in the log cannot be read")
    try:
        return [bytes.fromhex(one) for one in stated]
    except (TypeError, ValueError) as error:
        raise Broken("the path in the log cannot be read") from error
