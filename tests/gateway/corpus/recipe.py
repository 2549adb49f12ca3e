"""How a request is made and signed, every step of it open to change."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from chassis.canonical import content_digest
from tests.gateway.world import ORIGIN, Signed

SIGNING: Final = ("signature-input", "signature")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Wire:
    """A request as it goes over the wire; header values may hold anything."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def with_header(self, name: str, value: str | None) -> "Wire":
        """In its place; None takes it away."""
        kept = tuple(
            (key, value if key == name else old)
            for key, old in self.headers
            if key != name or value is not None
        )
        return replace(self, headers=kept)  # type: ignore[arg-type]

    def and_header(self, name: str, value: str) -> "Wire":
        return replace(self, headers=(*self.headers, (name, value)))

    @classmethod
    def of(cls, signed: Signed) -> "Wire":
        return cls(signed.method, signed.target, tuple(signed.headers), signed.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Component and parameter values are texts as they are written in the headers."""

    method: str
    target: str
    body: bytes
    client_id: str
    key: Any
    headers: tuple[tuple[str, str], ...]
    components: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    label: str = "lephi"
    origin: str = ORIGIN
    # What the lines of the base say, where it is not what the request says.
    says: Mapping[str, str] = field(default_factory=dict)
    alter_base: Callable[[bytes], bytes] = lambda base: base
    alter_signature: Callable[[bytes], bytes] = lambda raw: raw
    digest: Callable[[bytes], str] = content_digest

    def parameter(self, name: str, value: str | None) -> "Recipe":
        """In its place, or at the end; None takes it away."""
        if value is not None and name not in dict(self.parameters):
            return replace(self, parameters=(*self.parameters, (name, value)))
        kept = tuple(
            (key, value if key == name else old)
            for key, old in self.parameters
            if key != name or value is not None
        )
        return replace(self, parameters=kept)  # type: ignore[arg-type]

    def header(self, name: str, value: str | None) -> "Recipe":
        kept = tuple(one for one in self.headers if one[0] != name)
        return replace(self, headers=kept if value is None else (*kept, (name, value)))

    def number(self, name: str) -> int:
        return int(dict(self.parameters)[name])

    def sign(self) -> Wire:
        """With a nonce of its own, so that nothing is refused for a nonce used before."""
        headers = [("lephi-client", self.client_id), *self.headers]
        if "content-type" in dict(headers):
            headers.append(("content-digest", self.digest(self.body)))
        values = self._values(dict(headers))
        parameters = "".join(
            f";{name}={value.replace('NONCE', f'{next(_numbers):022}')}" if value else f";{name}"
            for name, value in self.parameters
        )
        written = f"({' '.join(self.components)}){parameters}"
        named = [(one, one.partition(";")[0].strip('"')) for one in self.components]
        lines = [f"{one}: {values.get(name, '')}" for one, name in named]
        base = "\n".join([*lines, f'"@signature-params": {written}']).encode("latin-1", "replace")
        raw = self.alter_signature(sign_with(self.key, self.alter_base(base)))
        headers += [
            ("signature-input", f"{self.label}={written}"),
            ("signature", f"{self.label}=:{b64encode(raw).decode()}:"),
        ]
        return Wire(self.method, self.target, tuple(headers), self.body)

    def _values(self, headers: Mapping[str, str]) -> dict[str, str]:
        path, _, query = self.target.partition("?")
        scheme, _, authority = self.origin.partition("://")
        return {
            "@method": self.method,
            "@target-uri": self.origin + self.target,
            "@authority": authority,
            "@scheme": scheme,
            "@path": path,
            "@query": f"?{query}",
            "@request-target": self.target,
            **headers,
            **self.says,
        }


def sign_with(key: Any, base: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(base)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(base, ec.ECDSA(hashes.SHA256())))
        half = (key.key_size + 7) // 8
        return r.to_bytes(half) + s.to_bytes(half)
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA512()), salt_length=64)
        return key.sign(base, pss, hashes.SHA512())
    made: bytes = key(base)
    return made
