"""The arithmetic of a Merkle tree (RFC 6962, 2.1): pure, over hashes that somebody else keeps.

A complete subtree never changes once its last leaf is there, so it is kept under its place. Every
root and every proof is made of at most a few dozen of these, however long the log.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gateway.domain.audit.errors import LogBroken

Place = tuple[int, int]
"""Level (0: leaves) and index within the level."""

Span = tuple[int, int]
"""Leaves from the first up to, and without, the second."""

Nodes = Mapping[Place, bytes]
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(record: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def places_of(spans: Iterable[Span]) -> list[Place]:
    """The complete subtrees that these spans are made of."""
    return [place for span in spans for place in _cut(span)]


def hash_of(span: Span, nodes: Nodes) -> bytes:
    """The Merkle tree hash of a span that begins where a subtree begins."""
    places = _cut(span)
    if not places:
        return EMPTY_ROOT
    found = _node(places[-1], nodes)
    for place in reversed(places[:-1]):
        found = node_hash(_node(place, nodes), found)
    return found


def inclusion_spans(index: int, size: int) -> list[Span]:
    """What stands beside the way from a leaf up to the root, lowest first (2.1.1)."""
    spans = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_part(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """What shows that the tree of `first` leaves begins the tree of `second` (2.1.2)."""
    if first in (0, second):
        return []
    spans = []
    start, end = 0, second
    while first != end:
        middle = start + _left_part(end - start)
        if first <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    # The whole first tree is known to whoever asks; a part of it is not.
    if start > 0:
        spans.append((start, end))
    return spans[::-1]


def grow(size: int, known: Nodes, leaves: Sequence[bytes]) -> dict[Place, bytes]:
    """The subtrees that become complete when these leaves join `size` others.

    `known` holds the places of the span (0, size). The leaves themselves are level 0.
    """
    grown: dict[Place, bytes] = {}
    for index, found in enumerate(leaves, start=size):
        level = 0
        grown[(level, index)] = found
        while index % 2 == 1:
            left = (level, index - 1)
            found = node_hash(grown[left] if left in grown else _node(left, known), found)
            level, index = level + 1, index // 2
            grown[(level, index)] = found
    return grown


def is_included(leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    left, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if left % 2 == 1 or left == last:
            found = node_hash(sibling, found)
            while left % 2 == 0 and left > 0:
                left, last = left // 2, last // 2
        else:
            found = node_hash(found, sibling)
        left, last = left // 2, last // 2
    return last == 0 and found == root


def is_consistent(
    first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """RFC 9162, 2.1.4.2; an empty tree begins every other."""
    if first == 0:
        return not path and first_root == EMPTY_ROOT
    if first == second:
        return not path and first_root == second_root
    if not 0 < first < second or not path:
        return False
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    left, last = first - 1, second - 1
    while left % 2 == 1:
        left, last = left // 2, last // 2
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if left % 2 == 1 or left == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while left % 2 == 0 and left > 0:
                left, last = left // 2, last // 2
        else:
            new = node_hash(new, sibling)
        left, last = left // 2, last // 2
    return last == 0 and old == first_root and new == second_root


def _left_part(size: int) -> int:
    """The largest power of two that is smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _cut(span: Span) -> list[Place]:
    start, end = span
    places = []
    while start < end:
        level = (end - start).bit_length() - 1
        while start % (1 << level):
            level -= 1
        places.append((level, start >> level))
        start += 1 << level
    return places


def _node(place: Place, nodes: Nodes) -> bytes:
    if place not in nodes:
        raise LogBroken(f"the node {place[1]} of level {place[0]} is missing")
    return nodes[place]
