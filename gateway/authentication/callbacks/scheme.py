"""What a scheme of provider notices is made of; each stands in one file of schemes/."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.refusal import Word
from gateway.domain.callbacks.registration import EvidenceLevel

Verify = Callable[[Parts, Material], Proof]
Issue = Callable[[Parts, Material], str]


class Where(StrEnum):
    HEADER = "header"
    QUERY = "query"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a notice carries its proof, for the API's document."""

    where: Where
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """`verify` is a pure function; None: message signatures, which have a door of their own.

    `places` are alternatives: a provider uses the one that its secrets are for.
    `secrets` lists the sets of names a registration may hold, exactly one of them; the first name
    of a set is the secret that signs. `names_key` reads which registered public key to check with.
    `word` says a refusal in the provider's own form; None: it goes by the status of a problem.
    `issue` gives a token to a provider that fetches one before it speaks.
    """

    name: str
    level: EvidenceLevel
    places: tuple[Place, ...]
    verify: Verify | None = None
    issue: Issue | None = None
    method: str = "POST"
    secrets: tuple[tuple[str, ...], ...] = ((),)
    more_secrets: frozenset[str] = frozenset()
    names_key: Callable[[Parts, str], str] | None = None
    word: Word | None = None
