"""What a played issuer works with: its registration, its book, and how it was told to behave."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from fastapi import APIRouter

from chassis.clock import Clock
from chassis.ids import Ids
from deploy.sandbox_issuers.behaviour import Behaviour, Manners, Mode
from deploy.sandbox_issuers.book import CODE_LENGTH, Book, Draft, Issued


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`facts` and `secrets` are those of the registration, so both sides hold the same."""

    name: str
    facts: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    book: Book
    clock: Clock
    ids: Ids
    manners: Manners = field(default_factory=Manners)

    def find(self, key: str) -> Issued | None:
        return self.book.find(self.name, key)

    def issue(self, draft: Draft, told: Behaviour) -> Issued:
        """As told to: a number left out, or an amount that nobody ordered, are in the book."""
        if told.mode is Mode.SKIP_NUMBER:
            skipped = replace(draft, key=self.ids.new().hex)
            self.book.issue(self.name, skipped, code=self._code())
        if told.mode is Mode.WRONG_AMOUNT:
            draft = replace(draft, amount=draft.amount + 1000)
        step = 0 if told.mode is Mode.NUMBER_TWICE else 1
        return self.book.issue(self.name, draft, code=self._code(), step=step)

    def _code(self) -> str:
        return self.ids.new().hex[-CODE_LENGTH:].upper()


class Player(Protocol):
    def router(self) -> APIRouter:
        """The issuer's own endpoints, relative to its url."""
