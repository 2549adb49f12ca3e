"""The gateway's own signature under an evidence bundle."""

from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from jwt.api_jws import PyJWS

from chassis.keys import load_private_key, thumbprint

TYPE = "lephi-evidence+jws"


class JwsBundleSigner:
    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        self._key = key
        self._headers = {"kid": thumbprint(key.public_key()), "typ": TYPE}
        self._jws = PyJWS()

    @classmethod
    def from_file(cls, path: Path) -> Self:
        key = load_private_key(path)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError("evidence is signed with a P-256 key")
        return cls(key)

    def sign(self, manifest: bytes) -> str:
        return self._jws.encode(manifest, self._key, "ES256", headers=self._headers)
