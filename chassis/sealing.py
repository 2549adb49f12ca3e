"""Personal data on its way through events: encrypted, so that queues and dead letters hold none.

Text form: `s1.<key name>.<base64url nonce>.<base64url ciphertext>`; AES-256-GCM with the purpose
as associated data.
"""

import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.errors import Invalid
from chassis.ids import Ids, SystemIds


class BrokenSeal(Invalid):
    code = "broken_seal"

    def __init__(self) -> None:
        super().__init__(
            "The sealed data cannot be opened.", vi="Không mở được dữ liệu niêm phong."
        )


class Sealer:
    def __init__(self, keys: Mapping[str, bytes], active: str, *, ids: Ids | None = None) -> None:
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self._active = active
        self._ids = ids or SystemIds()

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """Every `<name>.key` (32 bytes in base64); the last name in order seals, all open."""
        keys = {path.stem: b64decode(path.read_bytes()) for path in sorted(directory.glob("*.key"))}
        if not keys:
            raise FileNotFoundError(f"no sealing key in {directory}")
        return cls(keys, max(keys))

    def seal(self, value: Mapping[str, Any], *, purpose: str) -> str:
        nonce = _decode(self._ids.token(12))
        plain = json.dumps(value, ensure_ascii=False).encode()
        sealed = self._keys[self._active].encrypt(nonce, plain, purpose.encode())
        return f"s1.{self._active}.{_encode(nonce)}.{_encode(sealed)}"

    def unseal(self, text: str, *, purpose: str) -> dict[str, Any]:
        try:
            version, name, nonce, sealed = text.split(".")
            if version != "s1":
                raise BrokenSeal
            plain = self._keys[name].decrypt(_decode(nonce), _decode(sealed), purpose.encode())
            value = json.loads(plain)
        except (ValueError, KeyError, InvalidTag) as error:
            raise BrokenSeal from error
        if not isinstance(value, dict):
            raise BrokenSeal
        return value


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
