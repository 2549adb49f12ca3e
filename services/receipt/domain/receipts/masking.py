"""What the public may see of a name: enough for its owner to know it, too little for others."""

from typing import Final

HIDDEN: Final = "***"


def masked_name(full_name: str) -> str:
    """Initials only; the stars are always three, so that no length is told either."""
    return " ".join(f"{word[0].upper()}{HIDDEN}" for word in full_name.split())
