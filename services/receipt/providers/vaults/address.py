import re
from typing import Final

ADDRESS: Final = re.compile(r"[0-9a-f]{64}")


def is_address(name: str) -> bool:
    """SHA-256 in the only spelling that is used: nothing else becomes part of a path."""
    return ADDRESS.fullmatch(name) is not None
