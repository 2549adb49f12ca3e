"""What is said about a file: one line for each thing that was checked, and one word for all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Found = TypeVar("Found")


class Unreadable(Exception):
    """There is nothing here that could be valid or invalid: no such file, or no kind we know."""


class Broken(Exception):
    """A check failed, for the reason given."""


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    valid: bool
    detail: str
    # Said for whoever reads: nothing was proved by it, and nothing failed.
    note: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: str
    items: tuple[Item, ...]

    @property
    def valid(self) -> bool:
        return bool(self.items) and all(item.valid for item in self.items)


class Report:
    """Collects items. A check that fails is written down, and its caller learns of it by None."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._items: list[Item] = []

    def check(
        self, name: str, run: Callable[[], Found], told: Callable[[Found], str]
    ) -> Found | None:
        try:
            found = run()
        except Broken as broken:
            self._items.append(Item(name, False, str(broken)))
            return None
        self._items.append(Item(name, True, told(found)))
        return found

    def note(self, name: str, detail: str) -> None:
        self._items.append(Item(name, True, detail, note=True))

    @property
    def fine(self) -> bool:
        return all(item.valid for item in self._items)

    def verdict(self) -> Verdict:
        return Verdict(self._kind, tuple(self._items))


def require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Broken(otherwise)
