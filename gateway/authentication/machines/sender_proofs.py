"""DPoP (RFC 9449): each request shows that its sender holds the key its token is bound to."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import jwt

from chassis.clock import Clock
from chassis.keys import key_of_jwk
from gateway.authentication.machines.key_proofs import JOSE_OF, JwsKeyProofs
from gateway.authentication.machines.server_nonces import ServerNonces
from gateway.domain.machines.access_token import CLOCK_SKEW, PROOF_AGE_MAX, SenderProof
from gateway.domain.machines.errors import UnusableKey
from gateway.domain.machines.key_registration import OfferedKey
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.machines.token_errors import BadSenderProof, ServerNonceNeeded

PROOF_LENGTH_MAX: Final = 4096
TOKEN_ID_LENGTH: Final = (16, 128)
TYPE: Final = "dpop+jwt"
HEADER_MEMBERS: Final = frozenset({"typ", "alg", "jwk"})


class DpopProofs:
    """`origin` is our public name: what a proof is for never depends on the Host header."""

    def __init__(self, nonces: ServerNonces, *, origin: str, clock: Clock) -> None:
        self._nonces = nonces
        self._origin = origin
        self._clock = clock
        self._keys = JwsKeyProofs()

    def fresh_nonce(self) -> str:
        return self._nonces.make(self._clock.now())

    def verify(self, proof: str, arrival: Arrival, *, token: str | None = None) -> SenderProof:
        if len(proof) > PROOF_LENGTH_MAX:
            raise BadSenderProof("it is too long")
        key = self._key_in(proof)
        claims = _claims(proof, key)
        address = self._origin + arrival.target.partition("?")[0]
        if (claims.get("htm"), claims.get("htu")) != (arrival.method, address):
            raise BadSenderProof("it is for another method or address")
        if token is not None and claims.get("ath") != _digest(token):
            raise BadSenderProof("it is for another access token")
        issued = self._issued(claims)
        token_id = claims.get("jti")
        shortest, longest = TOKEN_ID_LENGTH
        if not isinstance(token_id, str) or not shortest <= len(token_id) <= longest:
            raise BadSenderProof(f"jti must be a text of {shortest} to {longest} characters")
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not self._nonces.is_fresh(nonce, self._clock.now()):
            raise ServerNonceNeeded(self.fresh_nonce())
        return SenderProof(
            thumbprint=key.id, token_id=token_id, expires_at=issued + PROOF_AGE_MAX + CLOCK_SKEW
        )

    def _key_in(self, proof: str) -> OfferedKey:
        try:
            header = jwt.get_unverified_header(proof)
        except jwt.PyJWTError as error:
            raise BadSenderProof("it cannot be read") from error
        jwk = header.get("jwk")
        if set(header) != HEADER_MEMBERS or header["typ"] != TYPE or not isinstance(jwk, dict):
            raise BadSenderProof(f"its header must hold typ {TYPE}, alg and jwk, and no more")
        try:
            key = self._keys.read_jwk(jwk)
        except UnusableKey as error:
            raise BadSenderProof("its key is private, weak or of another kind") from error
        if header["alg"] != JOSE_OF[key.algorithm]:
            raise BadSenderProof("alg is not that of its key")
        return key

    def _issued(self, claims: dict[str, Any]) -> datetime:
        try:
            issued = datetime.fromtimestamp(claims["iat"], UTC)
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            raise BadSenderProof("iat is missing or cannot be read") from error
        now = self._clock.now()
        if not now - PROOF_AGE_MAX <= issued <= now + CLOCK_SKEW:
            raise BadSenderProof("it is too old, or of the future")
        return issued


def _claims(proof: str, key: OfferedKey) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            proof,
            key_of_jwk(dict(key.public_jwk)),
            algorithms=[JOSE_OF[key.algorithm]],
            options={
                # Times are compared against the injected clock.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
            },
        )
    except jwt.PyJWTError as error:
        raise BadSenderProof("its signature does not hold") from error
    return claims


def _digest(token: str) -> str:
    return urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()
