"""A machine's request as it came in: who signed it (RFC 9421), over which words and which body."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import http_sf

from deploy.verifier.anchors import Anchors
from deploy.verifier.encodings import (
    canonical_object,
    from_base64,
    instant_at,
    object_at,
    text_at,
)
from deploy.verifier.signatures import require_signature, thumbprint
from deploy.verifier.verdict import Broken, require

RECORD_MEMBERS: Final = {
    "client_id", "key_id", "algorithm", "public_jwk", "signature", "received_at", "method",
    "target_uri", "headers",
}  # fmt: skip
LINE: Final = re.compile(r'^"(@?[a-z0-9-]+)": (.*)$')
PARAMETERS_LINE: Final = '"@signature-params": '
ALWAYS: Final = {"@method", "lephi-client"}
# Some clients sign the parts of the target, because a proxy of theirs rewrites the whole.
TARGETS: Final = ({"@target-uri"}, {"@authority", "@path", "@query"})
DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
DIGESTS: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
WITH_BODY: Final = {"content-digest", "content-type"}
# What each kind of request must have been signed for, and over, at the least.
TAGS: Final[Mapping[str, str]] = {
    "dossier-submission": "lephi-fee-request-1",
    "biller-request": "lephi-fee-request-1",
    "provider-notification": "lephi-bank-callback-1",
}
NEEDS: Final[Mapping[str, set[str]]] = {
    "dossier-submission": WITH_BODY | {"idempotency-key"},
    "biller-request": WITH_BODY | {"idempotency-key"},
    "provider-notification": WITH_BODY,
}
EARLY_MAX: Final = timedelta(seconds=10)
LATE_MAX: Final = timedelta(seconds=60)
LIFETIME_MAX: Final = timedelta(seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    kind: str
    client_id: str
    key_id: str
    body: bytes
    received_at: datetime
    # P1: a message signature; P2: a JWS; P3: a secret that both sides know.
    level: str = "P1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The signature base, taken apart."""

    values: Mapping[str, str]
    parameters: Mapping[str, Any]


def read_signed_request(
    kind: str, *, record: bytes, body: bytes, base: bytes, anchors: Anchors
) -> SignedRequest:
    said = canonical_object(record, "the record")
    require(said.keys() == RECORD_MEMBERS, "the record has other members than agreed")
    jwk, key_id = object_at(said, "public_jwk", "the record"), text_at(said, "key_id", "the record")
    client_id = text_at(said, "client_id", "the record")
    require(thumbprint(jwk) == key_id, "the record names another key than it shows")
    received_at = instant_at(said, "received_at", "the record")
    anchors.require_client_key(client_id, key_id, jwk, at=received_at)
    signature = from_base64(text_at(said, "signature", "the record"), "the signature")
    require_signature(text_at(said, "algorithm", "the record"), jwk, signature, base)
    spoken = _take_apart(base)
    _require_same(spoken, said, body)
    _require_fresh(spoken, received_at)
    _require_kind(kind, spoken)
    return SignedRequest(
        kind=kind, client_id=client_id, key_id=key_id, body=body, received_at=received_at
    )


def _take_apart(base: bytes) -> Base:
    try:
        *lines, last = base.decode("ascii").split("\n")
        end = last.removeprefix(PARAMETERS_LINE)
        parsed: Any = http_sf.parse(end.encode("ascii"), tltype="list")
        ((names, parameters),) = parsed
        listed = [str(name) for name, flags in names if not flags]
    except (ValueError, TypeError) as error:
        raise Broken("the signature base cannot be read") from error
    found = [LINE.match(line) for line in lines]
    pairs = [(one[1], one[2]) for one in found if one is not None]
    require(
        last != end
        and len(pairs) == len(lines) == len(names) == len(set(listed))
        and listed == [name for name, _ in pairs],
        "the signature base has other lines than it lists",
    )
    return Base(values=dict(pairs), parameters=parameters)


def _require_same(base: Base, record: dict[str, Any], body: bytes) -> None:
    headers = object_at(record, "headers", "the record")
    expected = {
        **{name: value for name, value in headers.items() if name in base.values},
        "@method": record["method"],
        **_target(text_at(record, "target_uri", "the record")),
        "lephi-client": record["client_id"],
    }
    for name, value in base.values.items():
        require(expected.get(name) == value, f"record and signature differ in {name}")
    require(base.parameters.get("keyid") == record["key_id"], "it is signed for another key")
    require(
        base.values.keys() >= ALWAYS and any(base.values.keys() >= parts for parts in TARGETS),
        "too little of the request is signed",
    )
    if body or "content-digest" in base.values:
        require(
            _is_digest_of(body, base.values.get("content-digest", "")),
            "the body is not the one that was signed",
        )


def _target(uri: str) -> dict[str, str]:
    """The whole and its parts (RFC 9421 section 2.2), letter by letter."""
    scheme, _, rest = uri.partition("://")
    authority, slash, target = rest.partition("/")
    path, _, query = (slash + target).partition("?")
    return {
        "@target-uri": uri,
        "@authority": authority.lower().removesuffix(DEFAULT_PORTS.get(scheme, "\n")),
        "@path": path or "/",
        "@query": f"?{query}",
    }


def _is_digest_of(body: bytes, written: str) -> bool:
    """Content-Digest (RFC 9530): one of a kind we know, and every such the body's."""
    given = dict(one.strip().partition("=")[::2] for one in written.split(","))
    known = given.keys() & DIGESTS.keys()
    return bool(known) and all(
        given[name] == f":{b64encode(DIGESTS[name](body).digest()).decode()}:" for name in known
    )


def _require_fresh(base: Base, received_at: datetime) -> None:
    created, expires = base.parameters.get("created"), base.parameters.get("expires")
    if type(created) is not int or type(expires) is not int:
        raise Broken("the signature does not say from when to when it holds")
    try:
        began, ends = datetime.fromtimestamp(created, UTC), datetime.fromtimestamp(expires, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Broken("the signature holds at no time there is") from error
    require(
        began - EARLY_MAX <= received_at <= began + LATE_MAX and received_at <= ends,
        "it was not fresh when it came",
    )
    require(ends - began <= LIFETIME_MAX, "the signature holds longer than allowed")


def _require_kind(kind: str, base: Base) -> None:
    if kind in TAGS:
        require(base.parameters.get("tag") == TAGS[kind], "it was signed for something else")
        require(base.values.keys() >= NEEDS[kind], "too little of the request is signed")
