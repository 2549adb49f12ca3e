"""Events carry their producer's signature: a broker carries them, it does not vouch for them.

The signature is a detached JWS (RFC 7515, appendix F) over the exact bytes of the body. Its header
names the key (RFC 7638) and the type of the event. The worker makes it when the event leaves the
outbox; whoever hears the event checks it before a byte of the body is read.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from jwt.algorithms import ECAlgorithm
from prometheus_client import Counter

from chassis.keys import load_private_key, load_public_key, thumbprint
from chassis.transport import Delivery, Unprocessable

# Apart from the type of internal tokens, which the same keys sign: neither passes for the other.
TYPE: Final = "lephi-event+jws"
SIGNATURE_CHARACTERS_MAX: Final = 1024
HEADERS_REMEMBERED_MAX: Final = 256
ES256: Final = ECAlgorithm(ECAlgorithm.SHA256)
REFUSED: Final = Counter(
    "events_refused_total", "Events whose origin was not proved", ["service", "type", "reason"]
)


class NotProved(Unprocessable):
    """Nobody who may say such an event has said this one."""

    def __init__(self, type: str, reason: str) -> None:
        super().__init__(f"{type} is refused: {reason}")
        self.reason = reason


class EventSigner:
    """A producer's own hand."""

    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        self._key = key
        self._key_id = thumbprint(key.public_key())

    @classmethod
    def from_directory(cls, producer: str, directory: Path) -> Self:
        key = load_private_key(directory / f"{producer}.key.pem")
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError("events are signed with a P-256 key")
        return cls(key)

    def sign(self, type: str, body: bytes) -> str:
        header = _header(self._key_id, type)
        signature = ES256.sign(_signed_bytes(header, body), self._key)
        return f"{header}..{_encode(signature)}"


class EventVerifier:
    """Knows the keys of the producers a service hears."""

    def __init__(
        self, service: str, producers: Mapping[str, Iterable[EllipticCurvePublicKey]]
    ) -> None:
        self._service = service
        self._keys = {
            thumbprint(key): (producer, key) for producer, keys in producers.items() for key in keys
        }

    @classmethod
    def from_directory(cls, service: str, directory: Path, *, producers: Iterable[str]) -> Self:
        """Trust `<producer>.pub.pem` and, while keys change, `<producer>.<any>.pub.pem`."""
        found: dict[str, list[EllipticCurvePublicKey]] = {}
        for producer in producers:
            paths = [
                directory / f"{producer}.pub.pem",
                *sorted(directory.glob(f"{producer}.*.pub.pem")),
            ]
            for path in paths:
                key = load_public_key(path)
                if not isinstance(key, EllipticCurvePublicKey):
                    raise TypeError("events are signed with a P-256 key")
                found.setdefault(producer, []).append(key)
        return cls(service, found)

    def check(self, delivery: Delivery, *, producer: str) -> None:
        """Raises NotProved unless this producer has said exactly this event."""
        try:
            self._check(delivery, producer)
        except NotProved as error:
            REFUSED.labels(self._service, delivery.type, error.reason).inc()
            raise

    def _check(self, delivery: Delivery, producer: str) -> None:
        given = delivery.signature
        if not given:
            raise NotProved(delivery.type, "not signed")
        header, _, rest = given.partition(".")
        content, _, signature = rest.partition(".")
        if content or len(given) > SIGNATURE_CHARACTERS_MAX:
            raise NotProved(delivery.type, "not a detached signature")
        said = _read_header(header)
        if set(said) != {"alg", "event", "kid", "typ"} or said["alg"] != "ES256":
            raise NotProved(delivery.type, "not a signature of ours")
        if said["typ"] != TYPE or said["event"] != delivery.type:
            raise NotProved(delivery.type, "signed as something else")
        known = self._keys.get(said["kid"])
        if known is None:
            raise NotProved(delivery.type, "unknown key")
        if known[0] != producer:
            raise NotProved(delivery.type, "signed by another producer")
        if not ES256.verify(_signed_bytes(header, delivery.body), known[1], _decode(signature)):
            raise NotProved(delivery.type, "altered")


@lru_cache(maxsize=HEADERS_REMEMBERED_MAX)
def _header(key_id: str, type: str) -> str:
    said = {"alg": "ES256", "event": type, "kid": key_id, "typ": TYPE}
    return _encode(json.dumps(said, separators=(",", ":")).encode())


def _read_header(header: str) -> dict[str, str]:
    """Its members, or none when it is not an object of texts."""
    try:
        said: Any = json.loads(_decode(header))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        return {}
    return said


def _signed_bytes(header: str, body: bytes) -> bytes:
    return header.encode("latin-1", "replace") + b"." + urlsafe_b64encode(body).rstrip(b"=")


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (NotBase64, UnicodeEncodeError):
        return b""
