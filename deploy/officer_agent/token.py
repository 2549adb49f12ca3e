"""The officer's PKCS#11 token: one signing key, and the certificate that belongs to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pkcs11.exceptions import NoSuchToken, PinIncorrect, PKCS11Error

RSA_BITS_MIN: Final = 2048
OBJECTS_MAX: Final = 20


class TokenRefused(Exception):
    """The token cannot sign; the message says why, in words for the officer."""


@dataclass(frozen=True, slots=True)
class OfficerToken:
    certificate: x509.Certificate
    _key: Any

    @property
    def algorithm(self) -> str:
        public = self.certificate.public_key()
        if isinstance(public, RSAPublicKey) and public.key_size >= RSA_BITS_MIN:
            return "RS256"
        if isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1):
            return "ES256"
        raise TokenRefused("the token's key is of no kind that is accepted")

    def sign(self, signed: bytes) -> bytes:
        """In the spelling of a JWS: a token writes r and s one after the other as well."""
        if self.algorithm == "RS256":
            return bytes(self._key.sign(signed, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
        digest = sha256(signed).digest()
        return bytes(self._key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA))


@contextmanager
def open_token(module: Path, label: str, pin: str) -> Iterator[OfficerToken]:
    """Logged in for as long as the block lasts. Raises TokenRefused."""
    try:
        token = pkcs11.lib(str(module)).get_token(token_label=label)
        with token.open(user_pin=pin) as session:
            yield _find(session)
    except NoSuchToken as error:
        raise TokenRefused(f"no token is called {label}") from error
    except PinIncorrect as error:
        raise TokenRefused("the PIN is wrong; too many wrong ones lock the token") from error
    except (PKCS11Error, RuntimeError, OSError) as error:
        raise TokenRefused(f"the token does not answer: {type(error).__name__}") from error


def _find(session: Any) -> OfficerToken:
    wanted = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY,
        pkcs11.Attribute.SIGN: True,
    }
    keys = list(session.get_objects(wanted))[:OBJECTS_MAX]
    stored = session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE})
    certificates = {one[pkcs11.Attribute.ID]: one for one in list(stored)[:OBJECTS_MAX]}
    paired = [(key, certificates[key.id]) for key in keys if key.id in certificates]
    if len(paired) != 1:
        raise TokenRefused(f"one key with a certificate is needed; {len(paired)} are there")
    key, stored_certificate = paired[0]
    der = stored_certificate[pkcs11.Attribute.VALUE]
    return OfficerToken(x509.load_der_x509_certificate(der), key)
