from datetime import timedelta

from chassis.ids import SystemIds
from chassis.testing import FrozenClock


def test_later_ids_sort_later() -> None:
    clock = FrozenClock()
    ids = SystemIds(clock)
    first = ids.new()
    clock.advance(timedelta(milliseconds=1))

    assert first < ids.new()


def test_ids_are_version_7_of_the_rfc_variant() -> None:
    made = {SystemIds().new() for _ in range(1000)}

    assert len(made) == 1000
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}


def test_tokens_hold_the_bits_that_were_asked_for() -> None:
    assert len(SystemIds().token(16)) == 22
    assert len({SystemIds().token(16) for _ in range(1000)}) == 1000
