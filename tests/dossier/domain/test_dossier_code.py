import re
from datetime import date

import pytest

from services.dossier.domain.dossier_code import DOSSIER_CODE_PATTERN, DossierCode

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("agency_code", "number", "written"),
    [
        ("H19.25", 1, "H19.25-261123-0001"),
        ("H19.25.7", 9_999, "H19.25.7-261123-9999"),
        ("H19.25", 10_000, "H19.25-261123-10000"),
        ("000.00.10.H10", 42, "000.00.10.H10-261123-0042"),
    ],
)
def test_a_code_is_unit_local_day_and_order_of_the_day(
    agency_code: str, number: int, written: str
) -> None:
    code = str(DossierCode(agency_code=agency_code, day=DAY, number=number))

    assert code == written
    assert re.fullmatch(DOSSIER_CODE_PATTERN, code)


@pytest.mark.parametrize(
    "text",
    ["", "H19.25-261123-001", "H19.25-261123-000001", "19.25-261123-0001", "H19.25-26112-0001"],
)
def test_other_texts_are_no_dossier_codes(text: str) -> None:
    assert not re.fullmatch(DOSSIER_CODE_PATTERN, text)
