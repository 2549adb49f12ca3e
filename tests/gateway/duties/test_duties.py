"""Which duties one person may not hold together, and what one person may not decide alone."""

from uuid import UUID

import pytest

from gateway.domain.people.duties import (
    CONFLICTS,
    EVERYWHERE,
    overlap,
    reaches,
    require_another_person,
    require_compatible,
    require_scope,
)
from gateway.domain.people.errors import ConflictingDuties, NotForEveryAgency, SamePerson
from gateway.domain.people.roles import EVERY_AGENCY, Grant, Role

ONE, OTHER = UUID(int=1), UUID(int=2)
PAIRS = sorted(tuple(sorted(pair)) for pair in CONFLICTS)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_neither_of_two_conflicting_duties_is_added_to_the_other(first: Role, second: Role) -> None:
    for held, wanted in ((first, second), (second, first)):
        here = Grant(role=held, agency="H19")

        with pytest.raises(ConflictingDuties):
            require_compatible(Grant(role=wanted, agency="H19"), [here])
        require_compatible(Grant(role=wanted, agency="H01"), [here])


@pytest.mark.parametrize(("held", "wanted"), [("*", "H19"), ("H19", "*"), ("*", "*")])
def test_every_agency_overlaps_any(held: str, wanted: str) -> None:
    with pytest.raises(ConflictingDuties):
        require_compatible(
            Grant(role=Role.KEY_APPROVER, agency=wanted),
            [Grant(role=Role.KEY_REGISTRAR, agency=held)],
        )


def test_a_duty_never_conflicts_with_itself_and_the_pairs_are_pairs() -> None:
    assert all(len(pair) == 2 for pair in CONFLICTS)
    assert not overlap("H19", "H19.25")


def test_asking_and_approving_are_always_apart() -> None:
    for pair in (
        {Role.REFUND_REQUESTER, Role.REFUND_APPROVER},
        {Role.FEE_EDITOR, Role.FEE_PUBLISHER},
        {Role.KEY_REGISTRAR, Role.KEY_APPROVER},
        {Role.GRANTER, Role.AUDITOR},
    ):
        assert frozenset(pair) in CONFLICTS


@pytest.mark.parametrize("role", list(Role))
def test_only_some_duties_reach_every_agency(role: Role) -> None:
    grant = Grant(role=role, agency=EVERY_AGENCY)

    if role in EVERYWHERE:
        require_scope(grant)
    else:
        with pytest.raises(NotForEveryAgency):
            require_scope(grant)


def test_a_duty_at_one_agency_is_none_at_another_nor_everywhere() -> None:
    assert reaches({"H19"}, "H19")
    assert reaches({"*"}, "H19")
    assert not reaches({"H19"}, "H01")
    assert not reaches({"H19"}, "*")
    assert not reaches(set(), "H19")


def test_who_asked_does_not_decide() -> None:
    require_another_person(asked_by=ONE, decided_by=OTHER)
    with pytest.raises(SamePerson):
        require_another_person(asked_by=ONE, decided_by=ONE)
