"""Who signed which checkpoint of an audit log: we, and the witnesses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import rfc8785

from deploy.verifier.anchors import Jwk
from deploy.verifier.audit_tree import HASH_BYTES
from deploy.verifier.encodings import canonical_object, from_base64url, instant_at, text_at
from deploy.verifier.signatures import require_attached, thumbprint
from deploy.verifier.verdict import Broken, require

CHECKPOINT_TYPE: Final = "lephi-checkpoint+jws"
COSIGNATURE_TYPE: Final = "lephi-cosignature+jws"
MEMBERS: Final = ("origin", "size", "root", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes
    at: datetime
    said: Mapping[str, Any]


def read_checkpoint(jws: Any, keys: Mapping[str, Jwk]) -> Checkpoint:
    """What a checkpoint says; raises Broken unless a key we trust has signed it."""
    payload = _carried(jws, "the checkpoint")
    require_attached(str(jws), payload, typ=CHECKPOINT_TYPE, keys=keys)
    return checkpoint_of(canonical_object(payload, "the checkpoint"))


def checkpoint_of(said: Mapping[str, Any]) -> Checkpoint:
    require(said.keys() == set(MEMBERS), "the checkpoint has other members than agreed")
    size = said["size"]
    require(type(size) is int and size > 0, "the checkpoint has no size")
    try:
        root = bytes.fromhex(text_at(dict(said), "root", "the checkpoint"))
    except ValueError as error:
        raise Broken("the checkpoint has no root") from error
    require(len(root) == HASH_BYTES, "the checkpoint's root has another length")
    return Checkpoint(
        origin=text_at(dict(said), "origin", "the checkpoint"),
        size=size,
        root=root,
        at=instant_at(dict(said), "at", "the checkpoint"),
        said=said,
    )


def require_cosigned(
    jws: Any, checkpoint: Checkpoint, *, witness: str, keys: Mapping[str, Jwk]
) -> None:
    """`keys` are the witnesses' by name."""
    key = keys.get(witness)
    if key is None:
        raise Broken(f"{witness} is no witness we know")
    payload = _carried(jws, "the cosignature")
    named = {thumbprint(key): key}
    require_attached(str(jws), payload, typ=COSIGNATURE_TYPE, keys=named)
    said = canonical_object(payload, "the cosignature")
    require(said.get("witness") == witness, "the cosignature names another witness")
    seen = said.get("checkpoint")
    require(
        isinstance(seen, dict) and rfc8785.dumps(seen) == rfc8785.dumps(dict(checkpoint.said)),
        "the cosignature is over another checkpoint",
    )


def _carried(jws: Any, what: str) -> bytes:
    parts = jws.split(".") if isinstance(jws, str) else []
    require(len(parts) == 3, f"{what} is not a JWS in compact form")
    return from_base64url(parts[1], f"the payload of {what}")
