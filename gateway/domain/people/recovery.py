"""Recovery codes: the way back in for whoever lost their code generator."""

from hashlib import sha256
from typing import Final

RECOVERY_CODES: Final = 10
# Ten bytes are 80 bits: enough that a plain digest of a code tells nothing.
RECOVERY_CODE_BYTES: Final = 10
GROUP: Final = 4


def written(raw: str) -> str:
    """`ABCD-EFGH-…`, as it is shown."""
    return "-".join(raw[start : start + GROUP] for start in range(0, len(raw), GROUP))


def digest_of(code: str) -> str:
    """Of what somebody typed: case, spaces and dashes do not matter."""
    typed = "".join(sign for sign in code.upper() if sign.isalnum())
    return sha256(b"lephi-recovery-v1\x00" + typed.encode()).hexdigest()
