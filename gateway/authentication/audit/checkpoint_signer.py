"""The gateway's signature under the audit log's checkpoints."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from jwt import PyJWTError
from jwt.api_jws import PyJWS

from chassis.keys import load_private_key, load_public_key, thumbprint

TYPE: Final = "lephi-checkpoint+jws"


class JwsCheckpointSigner:
    def __init__(
        self, key: EllipticCurvePrivateKey, known: Mapping[str, EllipticCurvePublicKey]
    ) -> None:
        """`known` are the keys that ever signed checkpoints of ours, by their thumbprints."""
        own = key.public_key()
        self._key = key
        self._known = {**known, thumbprint(own): own}
        self._headers = {"kid": thumbprint(own), "typ": TYPE}
        self._jws = PyJWS()

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """Sign with `checkpoints.key.pem`; know it and every `checkpoints*.pub.pem`."""
        key = load_private_key(directory / "checkpoints.key.pem")
        if not isinstance(key, EllipticCurvePrivateKey):
            raise TypeError("checkpoints are signed with a P-256 key")
        public = [load_public_key(path) for path in sorted(directory.glob("checkpoints*.pub.pem"))]
        known = {thumbprint(one): one for one in public if isinstance(one, EllipticCurvePublicKey)}
        return cls(key, known)

    def sign(self, checkpoint: bytes) -> str:
        return self._jws.encode(checkpoint, self._key, "ES256", headers=self._headers)

    def opened(self, jws: str) -> bytes | None:
        try:
            header = self._jws.get_unverified_header(jws)
            key = self._known.get(str(header.get("kid")))
            if key is None or header.get("typ") != TYPE:
                return None
            payload: bytes = self._jws.decode_complete(jws, key, algorithms=["ES256"])["payload"]
        except PyJWTError:
            return None
        return payload
