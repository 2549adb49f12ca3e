"""Signatures by payers' devices: JWS with ES256, in two shapes and no third."""

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from jwt.api_jws import PyJWS
from jwt.exceptions import InvalidSignatureError, PyJWTError

from chassis.canonical import load_json
from chassis.errors import Malformed
from chassis.keys import key_of_jwk, public_jwk, thumbprint
from gateway.domain.confirming.errors import ProofMalformed, ProofRefused
from gateway.domain.machines.errors import UnusableKey

ALGORITHM: Final = "ES256"
DETACHED_TYPE: Final = "lephi-fee-intent+jws"
JWS_LENGTH_MAX: Final = 2048
# Anything more could smuggle in a key or another way to check.
DETACHED_MEMBERS: Final = frozenset({"alg", "b64", "crit", "typ", "kid"})
COMPACT_MEMBERS: Final = frozenset({"alg", "typ", "kid"})


class JwsDeviceProofs:
    def __init__(self) -> None:
        self._jws = PyJWS(algorithms=[ALGORITHM])

    def device_key(self, jwk: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        if "d" in jwk:
            raise UnusableKey("it is a private key; it must stay on the device")
        try:
            key = key_of_jwk(dict(jwk))
        except ValueError as error:
            raise UnusableKey("it is not a public key") from error
        if not isinstance(key, EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            raise UnusableKey("a P-256 key is needed")
        return thumbprint(key), public_jwk(key)

    def key_id(self, jws: str) -> str:
        header = _header(jws)
        if header.keys() != DETACHED_MEMBERS:
            raise ProofMalformed("its header must hold alg, b64, crit, typ and kid, nothing else")
        wanted = {"alg": ALGORITHM, "b64": False, "crit": ["b64"], "typ": DETACHED_TYPE}
        for name, value in wanted.items():
            if header[name] != value:
                raise ProofMalformed(f"{name} is not the one required")
        if not isinstance(header["kid"], str):
            raise ProofMalformed("kid is not text")
        return header["kid"]

    def check_detached(self, jws: str, payload: bytes, jwk: Mapping[str, Any]) -> None:
        if self.key_id(jws) != self.device_key(jwk)[0]:
            raise ProofRefused
        if jws.split(".")[1]:
            raise ProofMalformed("its payload must be detached")
        self._check(jws, jwk, detached=payload)

    def open_compact(self, jws: str, jwk: Mapping[str, Any]) -> bytes:
        header = _header(jws)
        if not header.keys() <= COMPACT_MEMBERS or header.get("alg") != ALGORITHM:
            raise ProofMalformed("its header may hold alg (ES256), typ and kid only")
        if header.get("kid", self.device_key(jwk)[0]) != self.device_key(jwk)[0]:
            raise ProofRefused
        return self._check(jws, jwk)

    def _check(self, jws: str, jwk: Mapping[str, Any], *, detached: bytes | None = None) -> bytes:
        key: Any = key_of_jwk(dict(jwk))
        try:
            opened = self._jws.decode_complete(
                jws, key, algorithms=[ALGORITHM], detached_payload=detached
            )
        except InvalidSignatureError as error:
            raise ProofRefused from error
        except PyJWTError as error:
            raise ProofMalformed(type(error).__name__) from error
        payload: bytes = opened["payload"]
        return payload


def _header(jws: str) -> dict[str, Any]:
    if len(jws) > JWS_LENGTH_MAX or jws.count(".") != 2:
        raise ProofMalformed("it is not a JWS in compact form")
    encoded = jws.partition(".")[0]
    try:
        header = load_json(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (Base64Error, ValueError, Malformed) as error:
        raise ProofMalformed("its header cannot be read") from error
    if not isinstance(header, dict):
        raise ProofMalformed("its header is not an object")
    return header
