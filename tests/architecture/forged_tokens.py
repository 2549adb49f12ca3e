"""Every way we know of to come with a token that should not open a door."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from chassis.auth import TYPE, Caller, Callers
from chassis.canonical import sha256_hex
from chassis.keys import load_private_key, public_jwk, thumbprint

Claims = dict[str, Any]


@dataclass(frozen=True)
class Knock:
    """One request at one door, and what a right token for it would be made of."""

    audience: str
    method: str
    target: str
    body: bytes
    now: datetime
    keys: Path
    callers: Callers

    def claims(self, **changes: Any) -> Claims:
        """A token that the gateway may mint here, but for the changes; None leaves one out."""
        kind, scopes = next(iter(self.callers["gateway"].items()))
        seconds = int(self.now.timestamp())
        right: Claims = {
            "iss": "gateway",
            "aud": self.audience,
            "sub": "gateway" if kind == "service" else "somebody",
            "kind": kind,
            "scope": " ".join(sorted(scopes)),
            "htm": self.method,
            "htu": self.target,
            "bd": sha256_hex(self.body),
            "iat": seconds,
            "exp": seconds + 30,
            "jti": hashlib.sha256(repr((self, changes)).encode()).hexdigest()[:24],
            **changes,
        }
        return {name: value for name, value in right.items() if value is not None}

    def sign(self, claims: Claims, *, issuer: str = "gateway", **header: Any) -> str:
        key = load_private_key(self.keys / f"{issuer}.key.pem")
        return jwt.encode(claims, key, algorithm="ES256", headers={"typ": TYPE, **header})

    def signed(self, **changes: Any) -> str:
        return self.sign(self.claims(**changes))


def _segment(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned(knock: Knock) -> str:
    return f"{_segment({'alg': 'none', 'typ': TYPE})}.{_segment(knock.claims())}."


def _public_key_as_secret(knock: Knock) -> str:
    signed = f"{_segment({'alg': 'HS256', 'typ': TYPE})}.{_segment(knock.claims())}"
    secret = (knock.keys / "gateway.pub.pem").read_bytes()
    mac = hmac.new(secret, signed.encode(), "sha256").digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _by_a_key_of_their_own(knock: Knock, **header: Any) -> str:
    key = generate_private_key(SECP256R1())
    if "jwk" in header:
        header["jwk"] = public_jwk(key.public_key())
    if "kid" in header:
        header["kid"] = thumbprint(key.public_key())
    return jwt.encode(knock.claims(), key, algorithm="ES256", headers={"typ": TYPE, **header})


def _altered(knock: Knock) -> str:
    header, _claims, signature = knock.signed().split(".")
    return f"{header}.{_segment(knock.claims(sub='another'))}.{signature}"


def _of_another_type(knock: Knock) -> str:
    return knock.sign(knock.claims(), typ="JWT")


def _in_seconds(knock: Knock, seconds: int) -> str:
    at = int(knock.now.timestamp()) + seconds
    return knock.signed(iat=at, exp=at + 30)


def _from_one_who_may_not(knock: Knock) -> str:
    return knock.sign(knock.claims(iss="catalog"), issuer="catalog")


def _under_anothers_name(knock: Knock) -> str:
    return knock.sign(knock.claims(), issuer="payment")


def _of_a_kind_that_is_not_in_the_table(knock: Knock) -> str:
    kinds = ("client", "user", "service", "public")
    others = [kind for kind in kinds if kind not in knock.callers["gateway"]]
    return knock.signed(kind=others[0] if others else "machine", scope="")


def _as_another_service(knock: Knock) -> str:
    return knock.signed(kind="service", sub="notification", scope="")


FORGED: Final[Mapping[str, Callable[[Knock], str]]] = {
    "garbage": lambda _knock: "x.y.z",
    "an empty token": lambda _knock: "",
    "alg none": _unsigned,
    "HS256 with the public key": _public_key_as_secret,
    "a key of their own": _by_a_key_of_their_own,
    "a key of their own, named by kid": lambda knock: _by_a_key_of_their_own(knock, kid=""),
    "a key of their own, enclosed as jwk": lambda knock: _by_a_key_of_their_own(knock, jwk={}),
    "a key at a jku": lambda knock: _by_a_key_of_their_own(knock, jku="https://evil.test/jwks"),
    "a kid in a token of ours": lambda knock: knock.sign(knock.claims(), kid="gateway"),
    "a jku in a token of ours": lambda knock: knock.sign(knock.claims(), jku="https://evil.test"),
    "claims altered": _altered,
    "another type of token": _of_another_type,
    "another audience": lambda knock: knock.signed(aud="another"),
    "audiences, ours among them": lambda knock: knock.signed(aud=["another", knock.audience]),
    "no audience": lambda knock: knock.signed(aud=None),
    "no end": lambda knock: knock.signed(exp=None),
    "no id": lambda knock: knock.signed(jti=None),
    "no kind": lambda knock: knock.signed(kind=None),
    "no body digest": lambda knock: knock.signed(bd=None),
    "expired": lambda knock: _in_seconds(knock, -31),
    "not yet valid": lambda knock: _in_seconds(knock, 60),
    "not before a later time": lambda knock: knock.signed(nbf=int(knock.now.timestamp()) + 5),
    "a life too long": lambda knock: knock.signed(exp=int(knock.now.timestamp()) + 3600),
    "another method": lambda knock: knock.signed(htm="TRACE"),
    "another path": lambda knock: knock.signed(htu=f"/v2{knock.target}"),
    "another query": lambda knock: knock.signed(htu=f"{knock.target}?limit=1"),
    "another body": lambda knock: knock.signed(bd=sha256_hex(b"another")),
    "an unknown issuer": lambda knock: knock.signed(iss="stranger"),
    "an issuer who may not call here": _from_one_who_may_not,
    "another's name": _under_anothers_name,
    "a kind beyond the table": _of_a_kind_that_is_not_in_the_table,
    "a scope beyond the table": lambda knock: knock.signed(scope="everything.write"),
    "another service's name": _as_another_service,
    "duties of one who is no person": lambda knock: knock.signed(kind="service", roles=["auditor"]),
}
NOBODY: Final = Caller(subject="nobody", kind="public")
NOW: Final = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
