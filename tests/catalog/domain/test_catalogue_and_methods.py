from dataclasses import replace
from typing import Any

import pytest

from services.catalog.domain.errors import BadAmount, Empty, OverlappingPeriods, RepeatedEntry
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
