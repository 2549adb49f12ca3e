"""The tree against the reference vectors of Certificate Transparency, and against a naive one."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.verifier.audit_tree import GrowingTree, require_consistent, require_included
from deploy.verifier.verdict import Broken
from gateway.domain.audit.errors import LogBroken
from gateway.domain.audit.tree import (
    EMPTY_ROOT,
    Nodes,
    consistency_spans,
    grow,
    hash_of,
    inclusion_spans,
    is_consistent,
    is_included,
    leaf_hash,
    places_of,
)

SIZE_MAX = 200
# From the test data of the Certificate Transparency reference implementation.
INPUTS = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [leaf_hash(str(number).encode()) for number in range(SIZE_MAX)]
NODES: Nodes = grow(0, {}, LEAVES)


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """As the RFC says it, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    below = naive_root(leaves[:middle]) + naive_root(leaves[middle:])
    return hashlib.sha256(b"\x01" + below).digest()


def inclusion(index: int, size: int) -> list[bytes]:
    return [hash_of(span, NODES) for span in inclusion_spans(index, size)]


def consistency(first: int, second: int) -> list[bytes]:
    return [hash_of(span, NODES) for span in consistency_spans(first, second)]


def root(size: int) -> bytes:
    return hash_of((0, size), NODES)


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert hash_of((0, 0), {}) == EMPTY_ROOT == GrowingTree().root()
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_reference(size: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(one)) for one in INPUTS[:size]]
    growing = GrowingTree()
    for leaf in hashes:
        growing.add(leaf)

    assert hash_of((0, size), grow(0, {}, hashes)).hex() == ROOTS[size - 1]
    assert growing.root().hex() == ROOTS[size - 1]


@given(size=st.integers(0, SIZE_MAX))
def test_the_root_is_the_naive_trees(size: int) -> None:
    assert root(size) == naive_root(LEAVES[:size])


@given(size=st.integers(0, SIZE_MAX), more=st.integers(0, SIZE_MAX))
def test_growing_in_pieces_makes_the_nodes_of_growing_at_once(size: int, more: int) -> None:
    known = {place: NODES[place] for place in places_of([(0, size)])}
    end = min(size + more, SIZE_MAX)

    grown = grow(size, known, LEAVES[size:end])

    assert hash_of((0, end), {**known, **grown}) == root(end)
    assert all(NODES[place] == digest for place, digest in grown.items())


@given(size=st.integers(1, SIZE_MAX), data=st.data())
def test_inclusion_is_proved_to_both_verifiers(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = inclusion(index, size)

    assert is_included(LEAVES[index], index=index, size=size, path=path, root=root(size))
    assert require_included(LEAVES[index], index, size, path) == root(size)


@given(second=st.integers(1, SIZE_MAX), data=st.data())
def test_consistency_is_proved_to_both_verifiers(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, second))
    path = consistency(first, second)

    assert is_consistent(first, root(first), second, root(second), path)
    require_consistent(first, root(first), second, root(second), path)


def tampered(path: list[bytes], data: st.DataObject) -> list[bytes]:
    """The proof with one bit turned, one hash left out, one too many, or two exchanged."""
    ways = ["more"] + (["flip", "less"] if path else []) + (["swap"] if len(path) > 1 else [])
    way, changed = data.draw(st.sampled_from(ways)), list(path)
    at = data.draw(st.integers(0, max(len(path) - 1, 0)))
    match way:
        case "flip":
            bit = data.draw(st.integers(0, 255))
            changed[at] = (int.from_bytes(path[at]) ^ 1 << bit).to_bytes(32)
        case "less":
            del changed[at]
        case "swap":
            changed[at], changed[at - 1] = changed[at - 1], changed[at]
        case _:
            changed.insert(at, LEAVES[0])
    return changed


@given(size=st.integers(1, SIZE_MAX), data=st.data())
def test_a_tampered_inclusion_proof_is_refused_by_both(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = tampered(inclusion(index, size), data)

    assert not is_included(LEAVES[index], index=index, size=size, path=path, root=root(size))
    with pytest.raises(Broken):
        if require_included(LEAVES[index], index, size, path) != root(size):
            raise Broken("another root")


@given(second=st.integers(2, SIZE_MAX), data=st.data())
def test_a_tampered_consistency_proof_is_refused_by_both(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    path = tampered(consistency(first, second), data)

    assert not is_consistent(first, root(first), second, root(second), path)
    with pytest.raises(Broken):
        require_consistent(first, root(first), second, root(second), path)


@given(size=st.integers(2, SIZE_MAX), data=st.data())
def test_a_proof_is_of_one_leaf_at_one_place(size: int, data: st.DataObject) -> None:
    index, other = data.draw(st.permutations(range(size)))[:2]
    path, top = inclusion(index, size), root(size)

    assert not is_included(LEAVES[index], index=other, size=size, path=path, root=top)
    assert not is_included(LEAVES[other], index=index, size=size, path=path, root=top)
    assert not is_included(LEAVES[index], index=size, size=size, path=path, root=top)


@given(second=st.integers(2, SIZE_MAX), data=st.data())
def test_a_rewritten_log_is_consistent_with_nothing(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second - 1))
    path = consistency(first, second)

    assert not is_consistent(first, root(second), second, root(second), path)
    assert not is_consistent(first, LEAVES[-1], second, root(second), path)


@given(size=st.integers(1, 2**60), data=st.data())
def test_proofs_are_short_however_long_the_log(size: int, data: st.DataObject) -> None:
    spans = inclusion_spans(data.draw(st.integers(0, size - 1)), size)

    assert len(spans) <= 60
    assert len(places_of(spans)) <= 120


def test_a_missing_node_is_a_broken_log() -> None:
    with pytest.raises(LogBroken):
        hash_of((0, 3), {(1, 0): EMPTY_ROOT})
