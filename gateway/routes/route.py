"""One line of the gateway's table: a public path, who serves it, and what it demands."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from typing import Final

from gateway.domain.evidence.record import EvidenceKind
from gateway.domain.machines.signed_request import SignatureClass
from gateway.domain.people.assurance import Acr
from gateway.domain.people.roles import Role

OWN: Final = "gateway"
# No escapes, no dot segments: what we match is, letter by letter, what a service will match.
SEGMENT: Final = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]{1,128}"


class Demand(Enum):
    """Who may come in."""

    PUBLIC = "public"
    SESSION = "session"
    SIGNED = "signed"
    # By the scheme the provider is registered for, whichever that is.
    CALLBACK = "callback"
    # A payer looks with a session at what a portal looks at with a signature.
    SIGNED_OR_SESSION = "signed or session"


class Link(StrEnum):
    """Whose answer says which payment the recorded request was about."""

    DOSSIER = "dossier"
    BILL = "bill"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    method: str
    path: str
    service: str
    demand: Demand
    signature: SignatureClass | None = None
    scopes: frozenset[str] = frozenset()
    evidence: EvidenceKind | None = None
    link: Link | None = None
    # Fees are not opened while a planned stop holds.
    opens_fee: bool = False
    # A person needs at least one of these duties; empty: whoever is signed in.
    roles: frozenset[Role] = frozenset()
    # What a session must have shown at sign-in, and how long ago at most (RFC 9470).
    acr: Acr | None = None
    fresh_within: timedelta | None = None
    # Officers type in what they read off slips: a card's number is refused before it is kept.
    no_card_numbers: bool = False
    # Asks for what only the holder of a paper knows: who misses often must wait.
    guessable: bool = False
    # Whoever brings a file to be judged is counted by address.
    judges_file: bool = False
    # A file comes in here, larger than any other body may be.
    upload_bytes_max: int | None = None

    def __post_init__(self) -> None:
        signed = self.demand in (Demand.SIGNED, Demand.SIGNED_OR_SESSION, Demand.CALLBACK)
        if signed != (self.signature is not None):
            raise ValueError(f"{self.path}: a signed route, and no other, names its signature")
        person = self.demand in (Demand.SESSION, Demand.SIGNED_OR_SESSION)
        if not person and (self.roles or self.acr or self.fresh_within):
            raise ValueError(f"{self.path}: only people have duties and sign in")


@dataclass(frozen=True, slots=True)
class Found:
    route: Route
    parameters: Mapping[str, str]


class RouteTable:
    """Everything that is reachable. What is not in here does not exist."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._exact: dict[str, dict[str, Route]] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], dict[str, Route]]] = {}
        for route in self.routes:
            methods = self._methods_of(route.path)
            if route.method in methods:
                raise ValueError(f"{route.method} {route.path} is in the table twice")
            methods[route.method] = route

    def find(self, method: str, path: str) -> Found | None:
        methods, parameters = self._match(path)
        route = methods.get(method)
        return None if route is None else Found(route, parameters)

    def methods_at(self, path: str) -> tuple[str, ...]:
        return tuple(self._match(path)[0])

    def _methods_of(self, path: str) -> dict[str, Route]:
        if "{" not in path:
            return self._exact.setdefault(path, {})
        if path not in self._patterns:
            named = re.sub(r"\\\{(\w+)\\\}", rf"(?P<\1>{SEGMENT})", re.escape(path))
            self._patterns[path] = (re.compile(named), {})
        return self._patterns[path][1]

    def _match(self, path: str) -> tuple[Mapping[str, Route], Mapping[str, str]]:
        if exact := self._exact.get(path):
            return exact, {}
        for pattern, methods in self._patterns.values():
            if matched := pattern.fullmatch(path):
                return methods, matched.groupdict()
        return {}, {}
