"""What a line says, before it is believed: texts by our names, whatever the provider's are."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    line: int
    raw: bytes = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
