"""A refusal as a provider reads it, for those that wait for their own form of an answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpokenRefusal:
    body: bytes
    status: int = 200
    media_type: str = "application/json"


# Of our code for the refusal, which says why. Only the code: whoever is refused has proved nothing,
# so no word of theirs comes back and nothing is signed with a secret of the provider's.
Word = Callable[[str], SpokenRefusal]


def spoken(said: Mapping[str, object]) -> SpokenRefusal:
    return SpokenRefusal(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())
