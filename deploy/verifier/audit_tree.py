"""A Merkle tree (RFC 6962) that is built leaf by leaf and remembers only its right edge."""

import hashlib
from collections.abc import Sequence
from typing import Final

from deploy.verifier.verdict import Broken, require

HASH_BYTES: Final = 32
PATH_MAX: Final = 64

Node = tuple[int, int, bytes]
"""Level (0: leaves), index within the level, hash."""


def hash_leaf(record: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + record).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class GrowingTree:
    def __init__(self) -> None:
        self.size = 0
        # The complete subtrees the leaves make up so far, largest first: one for each binary 1.
        self._edge: list[bytes] = []

    def add(self, leaf: bytes) -> list[Node]:
        """Says which subtrees became complete, the leaf first."""
        level, index = 0, self.size
        complete = [(level, index, leaf)]
        while index % 2 == 1:
            leaf = hash_children(self._edge.pop(), leaf)
            level, index = level + 1, index // 2
            complete.append((level, index, leaf))
        self._edge.append(leaf)
        self.size += 1
        return complete

    def root(self) -> bytes:
        if not self._edge:
            return hashlib.sha256(b"").digest()
        root = self._edge[-1]
        for larger in reversed(self._edge[:-1]):
            root = hash_children(larger, root)
        return root


def require_included(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that this path leads to; the caller compares it with a signed one."""
    require(0 <= index < size, "the leaf lies outside the tree")
    return _climb(leaf, index, size - 1, path)


def require_consistent(
    first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> None:
    """That the tree of `first` leaves begins the tree of `second`."""
    require(0 <= first <= second and len(path) <= PATH_MAX, "no proof of such sizes")
    if first in (0, second):
        empty = hashlib.sha256(b"").digest()
        fits = first_root == (second_root if first == second else empty)
        require(fits and not path, "equal sizes have equal roots and need no proof")
        return
    # A first tree that is one complete subtree is itself where both ways begin.
    whole = first & (first - 1) == 0
    require(whole or bool(path), "the proof is too short")
    start, rest = (first_root, path) if whole else (path[0], path[1:])
    left, last = first - 1, second - 1
    while left % 2 == 1:
        left, last = left // 2, last // 2
    require(_climb(start, left, last, rest, only_left=True) == first_root, "another beginning")
    require(_climb(start, left, last, rest) == second_root, "the proof leads to another root")


def _climb(
    start: bytes, index: int, last: int, path: Sequence[bytes], *, only_left: bool = False
) -> bytes:
    """Up to the root; `only_left` leaves out what stands to the right, which came later."""
    found = start
    for sibling in path:
        require(len(sibling) == HASH_BYTES, "a hash of the path has another length")
        if last == 0:
            raise Broken("the path is too long")
        if index % 2 == 1 or index == last:
            found = hash_children(sibling, found)
            while index % 2 == 0 and index > 0:
                index, last = index // 2, last // 2
        elif not only_left:
            found = hash_children(found, sibling)
        index, last = index // 2, last // 2
    require(last == 0, "the path is too short")
    return found
