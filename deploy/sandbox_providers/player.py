"""Who plays a provider: its own endpoints, its own notices, its own idea of being heard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter

from chassis.clock import Clock
from chassis.ids import Ids
from deploy.sandbox_providers.book import Book
from deploy.sandbox_providers.order import SandboxOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNotice:
    """`query` goes behind the address of a GET, `body` into a POST, `path` behind either.

    `sign_in` is asked first, of a provider that speaks with a token of the platform's.
    """

    method: str = "POST"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    path: str = ""
    sign_in: "SignedNotice | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a player works with. `url` is where it itself is reached, without a slash at the end;
    `secrets` and `facts` are those of the registration, so both sides hold the same."""

    name: str
    url: str
    facts: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    book: Book
    clock: Clock
    ids: Ids
    # For those that sign with a key: where theirs and the platform's are, and where they post to.
    keys_dir: Path = Path()
    notify_url: str = ""


class Player(Protocol):
    def router(self) -> APIRouter:
        """The provider's own endpoints, relative to its url: create, enquire, refund."""

    def notice(self, order: SandboxOrder, *, notice_id: str) -> SignedNotice | None:
        """What it says of an order, signed. Every call may be a repeat of one notice.

        None: this provider has no notice for what became of the order; it has to be asked.
        """

    def heard(self, status: int, body: bytes) -> bool:
        """Whether this answer ends the repeats, by the provider's own rule."""


Play = Callable[[Desk], Player]
