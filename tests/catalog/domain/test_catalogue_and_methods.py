from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from services.catalog.domain.errors import (
    BadAmount,
    BadOpening,
    Empty,
    OverlappingPeriods,
    RepeatedEntry,
)
from services.catalog.domain.payment_method import Brand, Opening
from tests.catalog.samples import CATALOGUE, FEES, LAND_OFFICE, SPLIT, VIETQR


def test_nothing_is_named_twice_in_one_catalogue() -> None:
    with pytest.raises(RepeatedEntry):
        replace(CATALOGUE, agencies=(LAND_OFFICE, LAND_OFFICE))
    with pytest.raises(RepeatedEntry):
        replace(CATALOGUE, procedures=(SPLIT, SPLIT))
    with pytest.raises(RepeatedEntry):
        replace(CATALOGUE, payment_methods=(VIETQR, VIETQR))
    with pytest.raises(OverlappingPeriods):
        replace(CATALOGUE, fee_schedules=(FEES, FEES))


def test_the_last_way_to_pay_cannot_be_withdrawn() -> None:
    with pytest.raises(Empty):
        replace(CATALOGUE, payment_methods=())


@pytest.mark.parametrize("field", ["explanation_vi", "explanation_en", "name_vi", "hours"])
def test_every_way_to_pay_is_explained_in_both_languages(field: str) -> None:
    blank: dict[str, Any] = {field: " "}

    with pytest.raises(Empty):
        replace(VIETQR, **blank)


def test_a_limit_is_an_amount() -> None:
    with pytest.raises(BadAmount):
        replace(VIETQR, limit_minor_units=0)
    with pytest.raises(BadAmount):
        replace(VIETQR, minimum_minor_units=0)
    with pytest.raises(BadAmount):
        replace(VIETQR, minimum_minor_units=2, limit_minor_units=1)


@pytest.mark.parametrize(
    "wrong",
    [{"days": ()}, {"days": (0,)}, {"days": (8,)}, {"closes": time(7)}, {"opens": time(18)}],
)
def test_hours_have_weekdays_and_end_after_they_begin(wrong: dict[str, Any]) -> None:
    office = Opening(days=(1, 2, 3, 4, 5), opens=time(7), closes=time(17))
    replace(VIETQR, openings=(office,))

    with pytest.raises(BadOpening):
        replace(VIETQR, openings=(replace(office, **wrong),))


def test_a_way_to_pay_can_be_used_somewhere_and_names_no_bank_twice() -> None:
    bank = Brand(code="VCB", name="Vietcombank", bin="970436")

    with pytest.raises(Empty):
        replace(VIETQR, places=())
    with pytest.raises(RepeatedEntry):
        replace(VIETQR, brands=(bank, bank))
