"""A key in a token (PKCS #11): it never leaves, and is asked through the token's own process."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.identity import SignatureAlgorithm, SigningIdentity
from services.receipt.providers.signers.certificates import identity_of, require_fits
from services.receipt.providers.signers.token_process import TokenProcess

SCALAR_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """Which key of a token; `certificate` may stand in a file, where the token holds none."""

    label: str
    pin: str = field(repr=False)
    certificate: x509.Certificate | None = None
    chain: Sequence[x509.Certificate] = ()


class Pkcs11Signer:
    def __init__(self, token: TokenProcess, key: TokenKey, certificate: x509.Certificate) -> None:
        self._token = token
        self._key = key
        self._certificate = certificate
        self._identity = identity_of(certificate, key.chain)

    @classmethod
    async def open(cls, token: TokenProcess, key: TokenKey) -> Self:
        """Raises SignerUnavailable when the token or its certificate is not there."""
        if key.certificate is not None:
            return cls(token, key, key.certificate)
        asked = {"do": "certificates", "label": key.label, "pin": key.pin}
        return cls(token, key, x509.load_der_x509_certificate(await token.ask(asked)))

    @property
    def identity(self) -> SigningIdentity:
        return self._identity

    async def sign(self, content: bytes) -> bytes:
        asked = {
            "do": "sign",
            "label": self._key.label,
            "pin": self._key.pin,
            "rsa": self._identity.algorithm is SignatureAlgorithm.RSA_SHA256,
            "content": b64encode(content).decode(),
        }
        signature = raw = await self._token.ask(asked)
        if self._identity.algorithm is SignatureAlgorithm.ECDSA_P256_SHA256:
            if len(raw) != 2 * SCALAR_BYTES:
                raise SignerUnavailable("its token gives a signature of another length")
            r, s = raw[:SCALAR_BYTES], raw[SCALAR_BYTES:]
            signature = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
        require_fits(self._certificate, content, signature)
        return signature
