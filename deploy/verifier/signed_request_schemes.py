"""A provider's notice by another scheme than RFC 9421: a JWS (P2), or a shared secret (P3)."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deploy.verifier.anchors import Anchors
from deploy.verifier.encodings import (
    canonical_object,
    from_base64,
    from_base64url,
    instant_at,
    json_object,
    object_at,
    text_at,
)
from deploy.verifier.signatures import require_signature, thumbprint
from deploy.verifier.signed_request import SignedRequest
from deploy.verifier.verdict import Broken, require

COMMON: Final = {
    "provider", "scheme", "evidence_level", "client_id", "key_id", "signature", "received_at",
    "method", "target_uri", "headers", "source",
}  # fmt: skip
WITH_KEY: Final = COMMON | {"algorithm", "public_jwk"}
JWS_TYPE: Final = "lephi-callback+jws"
ALGORITHMS: Final[Mapping[str, str]] = {
    "EdDSA": "ed25519",
    "ES256": "ecdsa-p256-sha256",
    "PS512": "rsa-pss-sha512",
}
EARLY_MAX: Final = timedelta(seconds=10)
LATE_MAX: Final = timedelta(seconds=60)
WHAT: Final = "the record"


def read_notice(*, record: bytes, body: bytes, base: bytes, anchors: Anchors) -> SignedRequest:
    """Of P3 all that can be said is what the gateway recorded: who knows the secret can make it."""
    said = canonical_object(record, WHAT)
    level = said.get("evidence_level")
    if level not in ("P2", "P3"):
        raise Broken("the record is of no level that counts")
    members = WITH_KEY if level == "P2" else COMMON
    require(said.keys() == members, "the record has other members than agreed")
    received_at = instant_at(said, "received_at", WHAT)
    client_id, key_id = text_at(said, "client_id", WHAT), text_at(said, "key_id", WHAT)
    given = from_base64(text_at(said, "signature", WHAT), "the signature")
    if level == "P2":
        jwk = object_at(said, "public_jwk", WHAT)
        require(thumbprint(jwk) == key_id, "the record names another key than it shows")
        anchors.require_client_key(client_id, key_id, jwk, at=received_at)
        _require_jws(given, said, body, base)
    return SignedRequest(
        kind="provider-notification",
        client_id=client_id,
        key_id=key_id,
        body=body,
        received_at=received_at,
        level=level,
    )


def _require_jws(given: bytes, said: dict[str, Any], body: bytes, base: bytes) -> None:
    try:
        protected, payload, signature = given.decode("ascii").split(".")
    except ValueError as error:
        raise Broken("it is not a JWS in compact form") from error
    header = json_object(from_base64url(protected, "the JWS header"), "the JWS header")
    require(header.get("typ") == JWS_TYPE, f"the JWS is not of type {JWS_TYPE}")
    require(header.get("kid") == said["key_id"], "the JWS names another key")
    encoded = urlsafe_b64encode(body).rstrip(b"=")
    require(payload in ("", encoded.decode()), "the JWS is over another body")
    unencoded = header.get("b64", True) is False
    require(not (unencoded and payload), "an unencoded payload must be detached")
    signed = protected.encode() + b"." + (body if unencoded else encoded)
    require(signed == base, "the signature base is not made of this header and body")
    algorithm = ALGORITHMS.get(str(header.get("alg")))
    require(algorithm == said["algorithm"], "the algorithm is not the one of the key")
    raw = from_base64url(signature, "the JWS signature")
    require_signature(str(algorithm), said["public_jwk"], raw, signed)
    _require_fresh(header.get("iat"), instant_at(said, "received_at", WHAT))


def _require_fresh(issued: Any, received_at: datetime) -> None:
    if type(issued) is not int:
        raise Broken("the JWS does not say when it was made")
    try:
        made = datetime.fromtimestamp(issued, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Broken("the JWS was made at no time there is") from error
    require(made - EARLY_MAX <= received_at <= made + LATE_MAX, "it was not fresh when it came")
