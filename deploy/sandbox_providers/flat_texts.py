"""How the players of providers with flat messages read and write them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.clock import VIETNAM


def texts_of(raw: bytes) -> dict[str, str]:
    """An object's members as text; of anything else there are none."""
    try:
        said: Any = json.loads(raw)
    except ValueError:
        return {}
    return {name: str(value) for name, value in said.items()} if isinstance(said, dict) else {}


def local_time(instant: datetime) -> str:
    return instant.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")


def piped_sha256(said: Mapping[str, str], words: str, secret: str) -> str:
    """Every word with a pipe behind it, and the secret at the end."""
    text = "".join(said.get(word, "") + "|" for word in words.split())
    return hashlib.sha256((text + secret).encode()).hexdigest()
