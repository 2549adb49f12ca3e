"""Keys as partners hand them in: as a JWK or inside a certificate, shown to be held by a JWS."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.api_jws import PyJWS

from chassis.keys import PublicKey, key_of_jwk, public_jwk, thumbprint
from chassis.message_signatures import BadSignature, algorithm_of
from gateway.domain.machines.client import Algorithm
from gateway.domain.machines.errors import KeyProofRefused, UnusableKey
from gateway.domain.machines.key_registration import OfferedKey

# One JOSE algorithm for each kind of key: the key decides, never the header of a message.
JOSE_OF: Final[Mapping[Algorithm, str]] = {
    Algorithm.ED25519: "EdDSA",
    Algorithm.ECDSA_P256: "ES256",
    Algorithm.RSA_PSS: "PS512",
}
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# Nothing in the header may bring a key along or point to one.
PROOF_MEMBERS: Final = frozenset({"alg", "kid", "typ"})
PEM_LENGTH_MAX: Final = 16384
# RFC 8017 allows any; a huge exponent only makes verifying slow, a small one is weak.
RSA_EXPONENT: Final = 65537


class JwsKeyProofs:
    def read_jwk(self, jwk: Mapping[str, Any]) -> OfferedKey:
        if PRIVATE_MEMBERS & set(jwk):
            raise UnusableKey("it holds private members; make a new key, this one is known now")
        try:
            key = key_of_jwk(dict(jwk))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise UnusableKey("it is no public key of an accepted kind") from error
        return _offered(key)

    def read_certificate(self, pem: str) -> OfferedKey:
        if len(pem) > PEM_LENGTH_MAX:
            raise UnusableKey(f"the certificate is longer than {PEM_LENGTH_MAX} characters")
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
            key = certificate.public_key()
            not_after = certificate.not_valid_after_utc
        except (ValueError, UnsupportedAlgorithm) as error:
            raise UnusableKey("the certificate cannot be read") from error
        if not isinstance(key, PublicKey):
            raise UnusableKey("the certificate holds another kind of key")
        return _offered(key, not_after=not_after)

    def open_compact(self, jws: str, key: OfferedKey) -> bytes:
        public_key = key_of_jwk(dict(key.public_jwk))
        try:
            header = jwt.get_unverified_header(jws)
            if not set(header) <= PROOF_MEMBERS or header.get("kid", key.id) != key.id:
                raise KeyProofRefused("its header may hold alg, typ and the key's own kid only")
            payload = PyJWS().decode(jws, public_key, algorithms=[JOSE_OF[key.algorithm]])
        except jwt.PyJWTError as error:
            raise KeyProofRefused(f"it must be a compact JWS, {JOSE_OF[key.algorithm]}") from error
        return bytes(payload)


def _offered(key: PublicKey, *, not_after: datetime | None = None) -> OfferedKey:
    try:
        algorithm = Algorithm(algorithm_of(key))
    except BadSignature as error:
        raise UnusableKey("accepted are Ed25519, P-256, and RSA from 3072 bits") from error
    if isinstance(key, RSAPublicKey) and key.public_numbers().e != RSA_EXPONENT:
        raise UnusableKey(f"the public exponent must be {RSA_EXPONENT}")
    return OfferedKey(
        id=thumbprint(key),
        algorithm=algorithm,
        public_jwk=public_jwk(key),
        not_after=not_after,
    )
