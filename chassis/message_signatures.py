"""HTTP Message Signatures (RFC 9421) in the one shape that is accepted here.

One signature, labelled `lephi`, over exactly the components of its class, with created, expires,
nonce, keyid and tag; the body by Content-Digest (RFC 9530). The library decides about signatures;
what is ours is the strictness: which components, which algorithm for which key, which window.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

import http_sf
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    algorithms,
)
from http_message_signatures.resolvers import MappingKeyResolver

from chassis.canonical import content_digest
from chassis.clock import Clock
from chassis.errors import Unauthenticated
from chassis.ids import Ids
from chassis.keys import PrivateKey, PublicKey

LABEL: Final = "lephi"
LIFETIME_SECONDS: Final = 60
AGE_SECONDS_MAX: Final = 60
AHEAD_SECONDS_MAX: Final = 10
WINDOW_SECONDS_MAX: Final = 120
NONCE_LENGTH: Final = (22, 128)
HEADER_BYTES_MAX: Final = 4096
RSA_BITS_MIN: Final = 3072

PARAMETERS: Final = frozenset({"created", "expires", "nonce", "keyid", "tag"})
RESPONSE_TAG: Final = "lephi-response-1"
RESPONSE_COMPONENTS: Final = (
    '"@status"',
    '"content-digest"',
    '"content-type"',
    '"@target-uri";req',
)


class BadSignature(Unauthenticated):
    code = "bad_signature"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The message signature is refused: {reason}.", vi="Chữ ký bị từ chối.")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a class of requests must sign: exactly these components, under this tag."""

    tag: str
    components: tuple[str, ...]


FEE_REQUEST: Final = Shape(
    "lephi-fee-request-1",
    ("@method", "@target-uri", "content-digest", "content-type", "idempotency-key", "lephi-client"),
)
CALLBACK: Final = Shape(
    "lephi-bank-callback-1",
    ("@method", "@target-uri", "content-digest", "content-type", "lephi-client"),
)
READ: Final = Shape("lephi-read-1", ("@method", "@target-uri", "lephi-client"))
SHAPES: Final = {shape.tag: shape for shape in (FEE_REQUEST, CALLBACK, READ)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a signature says of itself; nothing here is proved yet."""

    key_id: str
    nonce: str
    created: datetime
    expires: datetime
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A signature that holds: what was signed, byte by byte, for keeping."""

    parameters: Parameters
    base: bytes
    signature: bytes
    covered: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessage:
    """A request as it came. `url` is the configured public origin and the raw target."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes = field(repr=False)

    def one(self, name: str) -> str:
        """The only value of a header; none or two are refused."""
        found = [value for key, value in self.headers if key.lower() == name]
        if len(found) != 1:
            raise BadSignature(f"exactly one {name} header is needed")
        return found[0]


def algorithm_of(key: PublicKey | PrivateKey) -> str:
    """The key decides the algorithm; a message never does."""
    if isinstance(key, Ed25519PublicKey | Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, EllipticCurvePublicKey | EllipticCurvePrivateKey):
        if key.curve.name == "secp256r1":
            return "ecdsa-p256-sha256"
    elif key.key_size >= RSA_BITS_MIN:
        return "rsa-pss-sha512"
    raise BadSignature("the key is of a kind or size that is not accepted")


def read_parameters(message: SignedMessage) -> Parameters:
    """Syntax only, so that the key can be looked up; see `verify`."""
    raw = message.one("signature-input")
    if len(raw) + len(message.one("signature")) > HEADER_BYTES_MAX:
        raise BadSignature("its headers are too long")
    try:
        parsed: Any = http_sf.parse(raw.encode("ascii"), tltype="dictionary")
        ((label, (components, params)),) = parsed.items()
        if label != LABEL or not isinstance(components, list) or set(params) != PARAMETERS:
            raise BadSignature("label or parameters are not those required")
        if any(inner for _name, inner in components):
            raise BadSignature("component flags are not accepted")
        read = Parameters(
            key_id=_text(params["keyid"]),
            nonce=_text(params["nonce"]),
            created=datetime.fromtimestamp(params["created"], UTC),
            expires=datetime.fromtimestamp(params["expires"], UTC),
            tag=_text(params["tag"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError, OSError) as error:
        raise BadSignature("its headers cannot be read") from error
    if not NONCE_LENGTH[0] <= len(read.nonce) <= NONCE_LENGTH[1]:
        raise BadSignature("the nonce is too short or too long")
    return read


def check_window(parameters: Parameters, now: datetime) -> None:
    created, expires = parameters.created, parameters.expires
    if created > now + timedelta(seconds=AHEAD_SECONDS_MAX):
        raise BadSignature("created lies in the future")
    if created < now - timedelta(seconds=AGE_SECONDS_MAX) or expires < now:
        raise BadSignature("it is too old")
    if not created < expires <= created + timedelta(seconds=WINDOW_SECONDS_MAX):
        raise BadSignature("it is valid for too long")


def verify(message: SignedMessage, *, shape: Shape, key: PublicKey, now: datetime) -> Verified:
    """Window, exact coverage, digest over the raw body, signature; the nonce is the caller's."""
    parameters = read_parameters(message)
    if parameters.tag != shape.tag:
        raise BadSignature(f"the tag must be {shape.tag}")
    check_window(parameters, now)
    for name in shape.components:
        if not name.startswith("@"):
            message.one(name)
    if "content-digest" in shape.components:
        if message.one("content-digest") != content_digest(message.body):
            raise BadSignature("content-digest is not the sha-256 of the body")
    elif message.body:
        raise BadSignature("a body is not expected")
    request = SimpleNamespace(
        method=message.method, url=message.url, headers=_Lines(message.headers)
    )
    result = _check(request, key, parameters.key_id, shape.tag)
    covered = {name.strip('"'): value for name, value in result.covered_components.items()}
    if set(covered) != {*shape.components, "@signature-params"}:
        raise BadSignature("it does not cover exactly the required components")
    return Verified(
        parameters=parameters,
        base="\n".join(f"{k}: {v}" for k, v in result.covered_components.items()).encode(),
        signature=_signature_bytes(message),
        covered=covered,
    )


class RequestSigner:
    """What a portal or a bank does: signs its requests with its registered key."""

    def __init__(
        self, client_id: str, key_id: str, key: PrivateKey, *, clock: Clock, ids: Ids
    ) -> None:
        self._client_id = client_id
        self._key_id = key_id
        self._key = key
        self._clock = clock
        self._ids = ids

    def headers(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        shape: Shape,
        extra: Mapping[str, str] | None = None,
        nonce: str | None = None,
    ) -> dict[str, str]:
        """The whole header set; `extra` gives e.g. Idempotency-Key."""
        headers = {"lephi-client": self._client_id, **(extra or {})}
        if body is not None:
            headers |= {"content-type": "application/json", "content-digest": content_digest(body)}
        message = SimpleNamespace(method=method, url=url, headers=headers)
        created = self._clock.now()
        _signer(self._key, self._key_id).sign(
            message,
            key_id=self._key_id,
            created=created,
            expires=created + timedelta(seconds=LIFETIME_SECONDS),
            nonce=nonce or self._ids.token(16),
            label=LABEL,
            tag=shape.tag,
            include_alg=False,
            covered_component_ids=shape.components,
            use_existing_digest=body is not None,
        )
        return {name.lower(): value for name, value in headers.items()}


def sign_response(
    *, status: int, body: bytes, method: str, url: str, key_id: str, key: PrivateKey, clock: Clock
) -> dict[str, str]:
    """Headers that prove who answered this very request, and with what."""
    headers = {"content-type": "application/json", "content-digest": content_digest(body)}
    request = SimpleNamespace(method=method, url=url, headers={})
    message = SimpleNamespace(status_code=status, headers=headers, request=request)
    created = clock.now()
    _signer(key, key_id).sign(
        message,
        key_id=key_id,
        created=created,
        expires=created + timedelta(seconds=LIFETIME_SECONDS),
        label=LABEL,
        tag=RESPONSE_TAG,
        include_alg=False,
        covered_component_ids=RESPONSE_COMPONENTS,
        use_existing_digest=True,
    )
    return {name.lower(): value for name, value in headers.items()}


def verify_response(
    *,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    method: str,
    url: str,
    key_id: str,
    key: PublicKey,
    now: datetime,
) -> None:
    """Raise BadSignature unless the holder of the key answered this request with this body."""
    if headers.get("content-digest") != content_digest(body):
        raise BadSignature("content-digest is not the sha-256 of the body")
    request = SimpleNamespace(method=method, url=url, headers={})
    message = SimpleNamespace(status_code=status, headers=dict(headers), request=request)
    result = _check(message, key, key_id, RESPONSE_TAG)
    if set(result.covered_components) != {*RESPONSE_COMPONENTS, '"@signature-params"'}:
        raise BadSignature("it does not cover exactly the required components")
    created = datetime.fromtimestamp(int(result.parameters["created"]), UTC)
    if abs((now - created).total_seconds()) > AGE_SECONDS_MAX:
        raise BadSignature("it is too old")


class _Lines(list[tuple[str, str]]):
    """Header lines in the order of the wire, in the shape the library reads."""

    def items(self) -> "_Lines":
        return self


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Times are checked by `check_window`, against the injected clock."""


def _check(message: Any, key: PublicKey, key_id: str, tag: str) -> Any:
    verifier = _Verifier(
        signature_algorithm=_ALGORITHMS[algorithm_of(key)],
        key_resolver=MappingKeyResolver(public_keys={key_id: key}, private_keys={}),
    )
    try:
        (result,) = verifier.verify(message, max_age=None, expect_tag=tag)
    except (HTTPMessageSignaturesException, ValueError) as error:
        raise BadSignature("it does not verify") from error
    return result


def _signer(key: PrivateKey, key_id: str) -> HTTPMessageSigner:
    return HTTPMessageSigner(
        signature_algorithm=_ALGORITHMS[algorithm_of(key)],
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id: key}),
    )


def _signature_bytes(message: SignedMessage) -> bytes:
    parsed: Any = http_sf.parse(message.one("signature").encode(), tltype="dictionary")
    return bytes(parsed[LABEL][0])


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is needed")
    return value


_ALGORITHMS: Final = {
    "ed25519": algorithms.ED25519,
    "ecdsa-p256-sha256": algorithms.ECDSA_P256_SHA256,
    "rsa-pss-sha512": algorithms.RSA_PSS_SHA512,
}
