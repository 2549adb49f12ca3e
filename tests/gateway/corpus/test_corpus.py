"""A valid request with one change, then with two: nothing is let in, and nothing has happened."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, Final

import pytest

from tests.gateway.corpus import by_client, on_the_way
from tests.gateway.corpus.mutation import ByClient, OnTheWay
from tests.gateway.corpus.recipe import Recipe, Wire
from tests.gateway.corpus.stand import OTHER_PORTAL, Stand

SINGLES_MIN: Final = 400
PAIRS_MIN: Final = 10_000
# Of each kind of pair and each class of request, taken at even distances out of all there are.
PAIRS_OF_A_KIND: Final = 2_000
CLASSES: Final = ("fee", "callback", "read")

Change = ByClient | OnTheWay
Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def speak(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n  {text}")

    return speak


def client_changes(stand: Stand, recipe: Recipe) -> list[ByClient]:
    others: dict[str, Any] = {
        **by_client.forgers(),
        **by_client.with_public_key(recipe.key),
        **{f"the key of {name}": key for name, key in stand.keys.items() if key is not recipe.key},
    }
    return [
        *by_client.component_changes(recipe),
        *by_client.parameter_changes(recipe),
        *by_client.value_changes(recipe),
        *by_client.key_changes(recipe, others),
    ]


def wire_changes(stand: Stand, recipe: Recipe) -> list[OnTheWay]:
    wire = recipe.sign()
    others = {name: other.sign() for name, other in stand.recipes().items() if other != recipe}
    others["another portal"] = stand.recipe_of(OTHER_PORTAL).sign()
    others["the same client, again"] = recipe.sign()
    changes = [
        *on_the_way.header_changes(wire),
        *on_the_way.line_changes(wire),
        *on_the_way.input_changes(wire),
        *on_the_way.label_changes(wire),
        *on_the_way.body_changes(wire),
        *on_the_way.exchanges(wire, others),
    ]
    return [one for one in changes if is_a_change(one)]


def is_a_change(change: OnTheWay) -> bool:
    """Both signing headers of the same client's next request are that request, not a change."""
    return "('signature-input', 'signature') of the same" not in change.name


def apply(recipe: Recipe, *changes: Change) -> Wire | None:
    """None where a change finds nothing to change."""
    for change in changes:
        if isinstance(change, ByClient):
            recipe = change.change(recipe)
    wire: Wire | None = recipe.sign()
    for change in changes:
        if isinstance(change, OnTheWay) and wire is not None:
            before, wire = wire, change.change(wire)
            wire = None if wire == before else wire
    return wire


async def test_no_single_change_gets_in(stand: Stand, say: Say) -> None:
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    for kind, recipe in stand.recipes().items():
        changes: list[Change] = []
        changes += client_changes(stand, recipe)
        changes += wire_changes(stand, recipe)
        for change in changes:
            wire = apply(recipe, change)
            if wire is None:
                continue
            status = await stand.through_app(wire)
            statuses[status] += 1
            if not 400 <= status < 500 or status == 429:
                wrong.append(f"{kind}: {type(change).__name__}: {change.name}: {status}")

    say(f"single changes refused: {sum(statuses.values())} {dict(sorted(statuses.items()))}")
    assert wrong == []
    assert stand.world.upstream.requests == []
    assert await stand.rows() == (0, 0)
    assert sum(statuses.values()) >= SINGLES_MIN


async def test_no_pair_of_changes_gets_in(stand: Stand, say: Say) -> None:
    codes: Counter[str] = Counter()
    wrong: list[str] = []
    for kind, recipe in stand.recipes().items():
        clients, wires = client_changes(stand, recipe), wire_changes(stand, recipe)
        kinds: list[tuple[Sequence[Change], Sequence[Change]]]
        kinds = [(clients, clients), (clients, wires), (wires, wires)]
        for left, right in kinds:
            for one, other in spread(left, right):
                wire = apply(recipe, one, other)
                if wire is None:
                    continue
                code = await stand.past_app(wire)
                codes[str(code)] += 1
                if code is None:
                    wrong.append(f"{kind}: {one.name} / {other.name}")

    say(f"pairs of changes refused: {sum(codes.values())} {dict(codes.most_common())}")
    assert wrong == []
    assert stand.world.upstream.requests == []
    assert await stand.rows() == (0, 0)
    assert sum(codes.values()) >= PAIRS_MIN


def spread(left: Sequence[Change], right: Sequence[Change]) -> Iterator[tuple[Change, Change]]:
    """Pairs of different places, at even distances; both lists are walked through many times."""
    pairs = [
        (one, other)
        for (at, one), (to, other) in product(enumerate(left), enumerate(right))
        if one.place != other.place and (left is not right or at < to)
    ]
    step = max(1, len(pairs) // PAIRS_OF_A_KIND)
    yield from pairs[::step]


@pytest.mark.parametrize("kind", CLASSES)
async def test_the_request_all_began_with_is_accepted(stand: Stand, kind: str) -> None:
    assert await stand.through_app(stand.recipes()[kind].sign()) == 200
    assert len(stand.world.upstream.requests) == 1
