"""The keys and certificates of a bundle: what the gateway said of them agrees with the anchors."""

from typing import Any, Final

from deploy.verifier.anchors import Anchors, require_in_force
from deploy.verifier.encodings import canonical_object, from_base64, object_at, text_at
from deploy.verifier.evidence_bundle_manifest import Contents
from deploy.verifier.signatures import thumbprint
from deploy.verifier.signed_request import SignedRequest
from deploy.verifier.verdict import Broken, require

MEMBERS: Final = {
    "client_id", "key_id", "algorithm", "jwk", "certificate_thumbprint", "state", "from", "until",
    "revoked_at", "history",
}  # fmt: skip
WHAT: Final = "the key's file"


def require_key(
    path: str, contents: Contents, requests: list[SignedRequest], anchors: Anchors
) -> int:
    """Of how many requests the key was right when they came in; the anchors have the last word."""
    said = canonical_object(contents.files[path], WHAT)
    require(said.keys() == MEMBERS, f"{WHAT} has other members than agreed")
    key_id, client_id = text_at(said, "key_id", WHAT), text_at(said, "client_id", WHAT)
    jwk = object_at(said, "jwk", WHAT)
    require(path == f"keys/{key_id}.json", "the key is filed under another name")
    require(thumbprint(jwk) == key_id, "the key's name is another's")
    signed = [one for one in requests if one.key_id == key_id and one.level != "P3"]
    require(bool(signed), "nothing in the bundle is signed with this key")
    for one in signed:
        require(one.client_id == client_id, "the key is another client's")
        anchors.require_client_key(client_id, key_id, jwk, at=one.received_at)
        require_in_force(said, one.received_at)
    return len(signed)


def require_all_keys(contents: Contents, requests: list[SignedRequest]) -> int:
    needed = {f"keys/{one.key_id}.json" for one in requests if one.level != "P3"}
    require(contents.below("keys") == needed, "the keys are not those that signed the requests")
    return len(needed)


def require_certificates(contents: Contents) -> str:
    """For other programs' eyes: the very ones that the confirmation was judged by."""
    said = canonical_object(contents.files["confirmation.json"], "the confirmation")
    expected: dict[str, bytes] = {}
    for number, one in enumerate(_list(said, "chain")):
        expected[f"certificates/{number}.cer"] = _raw(one)
    answers = _list(said, "revocation")
    for number, answer in enumerate(answers):
        stated = answer if isinstance(answer, dict) else {}
        expected[f"certificates/{number}.{stated.get('form')}"] = _raw(stated.get("der"))
    found = {name: contents.files[name] for name in contents.below("certificates")}
    require(found == expected, "the certificates are not those of the confirmation")
    return f"{len(found) - len(answers)} in the path, {len(answers)} fresh words on revocation"


def _list(said: dict[str, Any], name: str) -> list[Any]:
    found = said.get(name, [])
    if not isinstance(found, list):
        raise Broken(f"the confirmation has no list {name}")
    return found


def _raw(text: Any) -> bytes:
    return from_base64(text if isinstance(text, str) else None, "a certificate")
