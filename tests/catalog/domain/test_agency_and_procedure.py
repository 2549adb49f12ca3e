from dataclasses import replace

import pytest

from services.catalog.domain.errors import (
    BadAccount,
    BadCode,
    BadProcessingTime,
    Empty,
    RepeatedEntry,
)
from tests.catalog.samples import LAND_OFFICE, SPLIT


@pytest.mark.parametrize("code", ["H19", "H19.25", "H19.101.1", "000.00.25.H19"])
def test_both_generations_of_agency_codes_are_known(code: str) -> None:
    assert replace(LAND_OFFICE, code=code).code == code


@pytest.mark.parametrize("code", ["", "19.25", "H1", "H19.", "H19.1234", "h19.25", "H19.25\n"])
def test_a_malformed_agency_code_is_refused(code: str) -> None:
    with pytest.raises(BadCode):
        replace(LAND_OFFICE, code=code)


@pytest.mark.parametrize("code", ["1.012784", "2.000815", "1.011442.000.00.00.H38"])
def test_a_procedure_code_may_carry_its_province(code: str) -> None:
    assert replace(SPLIT, code=code).code == code


@pytest.mark.parametrize("code", ["1.1.012756", "1.12784", "012784", "1.012784 ", "1.012784\n"])
def test_a_malformed_procedure_code_is_refused(code: str) -> None:
    with pytest.raises(BadCode):
        replace(SPLIT, code=code)


@pytest.mark.parametrize(
    "change",
    [
        {"bank_bin": "97043"},
        {"bank_bin": "97043x"},
        {"account_number": "12345"},
        {"account_number": "1" * 20},
        {"account_number": "00110040001a1"},
        {"account_name": " "},
    ],
)
def test_money_is_never_sent_to_an_unusable_account(change: dict[str, str]) -> None:
    account = replace(LAND_OFFICE.collection_account, **change)

    with pytest.raises(BadAccount):
        replace(LAND_OFFICE, collection_account=account)


@pytest.mark.parametrize("tax_code", ["", "123456789", "0000000025-1", "00000000250"])
def test_a_malformed_tax_code_is_refused(tax_code: str) -> None:
    with pytest.raises(BadCode):
        replace(LAND_OFFICE, tax_code=tax_code)


def test_an_agency_needs_a_name_and_an_address() -> None:
    with pytest.raises(Empty):
        replace(LAND_OFFICE, name="  ")
    with pytest.raises(Empty):
        replace(LAND_OFFICE, address="")


def test_a_procedure_is_somebodys_and_nobodys_twice() -> None:
    with pytest.raises(Empty):
        replace(SPLIT, agency_codes=())
    with pytest.raises(RepeatedEntry):
        replace(SPLIT, agency_codes=("H19.25", "H19.25"))


def test_a_procedure_may_take_no_day_but_not_less() -> None:
    assert replace(SPLIT, processing_days=0).processing_days == 0
    assert replace(SPLIT, processing_days=None).processing_days is None
    with pytest.raises(BadProcessingTime):
        replace(SPLIT, processing_days=-1)
