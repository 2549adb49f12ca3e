from dataclasses import replace

import pytest

from chassis.auth import Caller
from chassis.duties import (
    AnotherPersonNeeded,
    DutyNeeded,
    Reach,
    agencies_of,
    require_another_person,
    require_role,
)

OFFICER = Caller(
    subject="lan",
    kind="user",
    roles=frozenset({"refund-approver"}),
    agencies=frozenset({"H19"}),
)
CITIZEN = replace(OFFICER, roles=frozenset())
MACHINE = replace(OFFICER, kind="client", client_id="lan")


def test_a_duty_counts_at_its_agencies_and_everywhere_if_it_says_so() -> None:
    require_role(OFFICER, "refund-approver", agency="H19")
    require_role(replace(OFFICER, agencies=frozenset({"*"})), "refund-approver", agency="H01")


@pytest.mark.parametrize(
    "caller",
    [
        CITIZEN,
        MACHINE,
        replace(OFFICER, agencies=frozenset({"H01"})),
        replace(OFFICER, agencies=frozenset()),
        replace(OFFICER, roles=frozenset({"refund-requester"})),
        # Which of the two is held at H19 a token does not say.
        replace(OFFICER, roles=frozenset({"refund-requester", "refund-approver"})),
    ],
)
def test_without_the_very_duty_at_the_agency_there_is_no_way_in(caller: Caller) -> None:
    with pytest.raises(DutyNeeded):
        require_role(caller, "refund-approver", agency="H19")


def test_another_person_decides_and_only_one_on_duty() -> None:
    require_another_person(asked_by="hoa", decided_by=OFFICER)
    for asked_by, decider in (("lan", OFFICER), ("hoa", CITIZEN), ("hoa", MACHINE)):
        with pytest.raises(AnotherPersonNeeded):
            require_another_person(asked_by=asked_by, decided_by=decider)


def test_agencies_count_only_with_a_duty() -> None:
    assert agencies_of(OFFICER) == {"H19"}
    assert agencies_of(CITIZEN) == agencies_of(MACHINE) == frozenset()
    with pytest.raises(DutyNeeded):
        Reach.of_officer(CITIZEN)


def test_a_reach_covers_its_own_and_nothing_else() -> None:
    here, client = Reach.of_officer(OFFICER), Reach.of_client("portal")

    assert here.covers(client_id="any", agency_code="H19")
    assert not here.covers(client_id="any", agency_code="H01")
    assert not here.covers(client_id=None, agency_code=None)
    assert client.covers(client_id="portal", agency_code=None)
    assert not client.covers(client_id=None, agency_code="H19")
    assert not Reach(agencies=frozenset()).covers(client_id="any", agency_code="H19")
    assert Reach.everything().covers(client_id=None, agency_code=None)
    everywhere = Reach.of_officer(replace(OFFICER, agencies=frozenset({"*", "H19"})))
    assert everywhere.covers(client_id=None, agency_code=None)
