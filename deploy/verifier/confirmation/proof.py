from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.verifier.anchors import Anchors
from deploy.verifier.encodings import from_base64, text_at

RECORD = "the confirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An intent, and what the gateway wrote down of the agreement to it."""

    intent_bytes: bytes
    intent: dict[str, Any]
    said: dict[str, Any]
    confirmed_at: datetime
    anchors: Anchors

    def text(self, name: str) -> str:
        return text_at(self.said, name, RECORD)

    def raw(self, name: str) -> bytes:
        return from_base64(self.text(name), name)
