"""A client's request: how it is signed, and how it is checked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from chassis.canonical import content_digest
from chassis.clock import Clock
from chassis.ids import Ids
from chassis.keys import PrivateKey, PublicKey
from chassis.message_signatures import primitives
from chassis.message_signatures.digests import check_digest
from chassis.message_signatures.primitives import algorithm_of
from chassis.message_signatures.refusal import BadSignature
from chassis.message_signatures.shapes import Shape
from chassis.message_signatures.signing_base import derived_value, only_value, signature_base
from chassis.message_signatures.syntax import (
    LABEL,
    Component,
    OurSignature,
    read_signature,
    write_bytes,
)

LIFETIME_SECONDS: Final = 60
AGE_SECONDS_MAX: Final = 60
AHEAD_SECONDS_MAX: Final = 10
WINDOW_SECONDS_MAX: Final = 120
# Random bytes, at least 16 of them, in either spelling of base64.
NONCE: Final = re.compile(r"[A-Za-z0-9+/=_-]{22,128}")

PARAMETERS: Final = frozenset({"created", "expires", "nonce", "keyid", "tag"})
OPTIONAL: Final = frozenset({"alg"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessage:
    """A request as it came. `url` is the configured public origin and the raw target."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes = field(repr=False)

    def one(self, name: str) -> str:
        """The only value of a header; none or two are refused."""
        return only_value(self.headers, name)

    def value(self, name: str) -> str:
        if name.startswith("@"):
            return derived_value(name, method=self.method, url=self.url)
        return self.one(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a signature says of itself; nothing here is proved yet."""

    key_id: str
    nonce: str
    created: datetime
    expires: datetime
    tag: str
    algorithm: str | None
    written: OurSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A signature that holds: what was signed, byte by byte, for keeping."""

    parameters: Parameters
    base: bytes
    signature: bytes
    covered: Mapping[str, str]


def read_parameters(message: SignedMessage) -> Parameters:
    """Sizes and syntax only, so that the key can be looked up; see `verify`."""
    written = read_signature(message.one("signature-input"), message.one("signature"))
    said = written.parameters
    if not said.keys() >= PARAMETERS or not said.keys() <= PARAMETERS | OPTIONAL:
        raise BadSignature("its parameters are not those required")
    if any(component.flags for component in written.components):
        raise BadSignature("component flags are not accepted")
    created, expires, alg = said["created"], said["expires"], said.get("alg")
    key_id, nonce, tag = said["keyid"], said["nonce"], said["tag"]
    if not (
        isinstance(created, int)
        and isinstance(expires, int)
        and isinstance(key_id, str)
        and isinstance(nonce, str)
        and isinstance(tag, str)
        and not isinstance(alg, int)
    ):
        raise BadSignature("a parameter is of another kind than required")
    if not NONCE.fullmatch(nonce):
        raise BadSignature("the nonce must be 22 to 128 characters of base64")
    return Parameters(
        key_id=key_id,
        nonce=nonce,
        created=_instant(created),
        expires=_instant(expires),
        tag=tag,
        algorithm=alg,
        written=written,
    )


def check_window(parameters: Parameters, now: datetime) -> None:
    created, expires = parameters.created, parameters.expires
    if created > now + timedelta(seconds=AHEAD_SECONDS_MAX):
        raise BadSignature("created lies in the future")
    if created < now - timedelta(seconds=AGE_SECONDS_MAX) or expires < now:
        raise BadSignature("it is too old")
    if not created < expires <= created + timedelta(seconds=WINDOW_SECONDS_MAX):
        raise BadSignature("it is valid for too long")


def verify(
    message: SignedMessage,
    *,
    shape: Shape,
    key: PublicKey,
    now: datetime,
    parameters: Parameters | None = None,
    splits_target: bool = False,
) -> Verified:
    """Window, exact coverage, digest over the raw body, signature; the nonce is the caller's.

    `parameters` is what `read_parameters` said of this very message, if it was asked before.
    """
    parameters = parameters or read_parameters(message)
    if parameters.tag != shape.tag:
        raise BadSignature(f"the tag must be {shape.tag}")
    check_window(parameters, now)
    algorithm = algorithm_of(key)
    if parameters.algorithm not in (None, algorithm):
        raise BadSignature("alg is not the algorithm of the key")
    components = parameters.written.components
    needed = shape.components_for(message.headers, splits_target=splits_target)
    if {one.name for one in components} != set(needed) or len(components) != len(needed):
        raise BadSignature("it does not cover exactly the required components")
    values = {one: message.value(one.name) for one in components}
    if "content-digest" in needed:
        check_digest(message.one("content-digest"), message.body)
    elif message.body:
        raise BadSignature("a body is not expected")
    base = signature_base(components, values, parameters.written.text)
    primitives.check(algorithm, key, parameters.written.signature, base)
    return Verified(
        parameters=parameters,
        base=base,
        signature=parameters.written.signature,
        covered={one.name: value for one, value in values.items()},
    )


class RequestSigner:
    """What a portal or a bank does: signs its requests with its registered key."""

    def __init__(
        self,
        client_id: str,
        key_id: str,
        key: PrivateKey,
        *,
        clock: Clock,
        ids: Ids,
        splits_target: bool = False,
    ) -> None:
        self._client_id = client_id
        self._key_id = key_id
        self._key = key
        self._algorithm = algorithm_of(key)
        self._clock = clock
        self._ids = ids
        self._splits_target = splits_target

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
        """The whole header set; `extra` gives e.g. Idempotency-Key, in lower case."""
        headers = {"lephi-client": self._client_id, **(extra or {})}
        if body is not None:
            media_type = headers.get("content-type", "application/json")
            headers |= {"content-type": media_type, "content-digest": content_digest(body)}
        message = SignedMessage(
            method=method, url=url, headers=list(headers.items()), body=body or b""
        )
        names = shape.components_for(message.headers, splits_target=self._splits_target)
        components = [Component(name=name) for name in names]
        created = int(self._clock.now().timestamp())
        text = (
            f"({' '.join(map(str, components))});created={created}"
            f';expires={created + LIFETIME_SECONDS};nonce="{nonce or self._ids.token(16)}"'
            f';keyid="{self._key_id}";tag="{shape.tag}"'
        )
        values = {one: message.value(one.name) for one in components}
        base = signature_base(components, values, text)
        signature = primitives.sign(self._algorithm, self._key, base)
        return headers | {
            "signature-input": f"{LABEL}={text}",
            "signature": f"{LABEL}={write_bytes(signature)}",
        }


def _instant(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadSignature("its times are none") from error
