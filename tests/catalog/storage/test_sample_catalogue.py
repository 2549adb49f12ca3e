"""The catalogue we ship is complete, and honest about what is only a sample."""

import json
from datetime import date

import pytest

from services.catalog.domain.fee_line import FeeKind, FeeLine, Tier
from services.catalog.domain.fee_schedule import FeeSchedule
from services.catalog.domain.payment_method import Place
from services.catalog.main import SAMPLE
from services.catalog.storage.catalogue_file import read_catalogue
from services.payment.domain.intents.method import Method

CATALOGUE = read_catalogue(SAMPLE)
TODAY = date(2026, 11, 23)
METHODS = {method.code: method for method in CATALOGUE.payment_methods or ()}


def in_force(code: str, *, on: date = TODAY) -> FeeSchedule:
    (schedule,) = (
        one
        for one in CATALOGUE.fee_schedules
        if one.procedure_code == code and one.period.holds_on(on)
    )
    return schedule


def prices(code: str, *, on: date = TODAY) -> dict[str, int]:
    return {
        line.line_code: line.tiers[0].unit_amount_minor_units
        for line in in_force(code, on=on).lines
    }


def test_every_procedure_has_fees_today_and_an_agency_that_exists() -> None:
    agencies = {agency.code for agency in CATALOGUE.agencies}

    assert len(CATALOGUE.procedures) >= 14
    for procedure in CATALOGUE.procedures:
        assert in_force(procedure.code).lines
        assert set(procedure.agency_codes) <= agencies


def test_every_schedule_is_explained_in_both_languages_and_says_what_is_illustrative() -> None:
    for schedule in CATALOGUE.fee_schedules:
        assert schedule.explanation_vi
        assert schedule.explanation_en
        if any(line.illustrative for line in schedule.lines):
            assert "minh họa" in schedule.explanation_vi
            assert "illustrative" in schedule.explanation_en
    illustrative = {procedure.code for procedure in CATALOGUE.procedures if procedure.illustrative}
    for code in illustrative:
        assert "illustrative" in in_force(code).explanation_en


def test_every_agency_collects_into_the_sandbox_bank_and_none_into_anothers_account() -> None:
    accounts = [agency.collection_account for agency in CATALOGUE.agencies]

    assert {account.bank_bin for account in accounts} == {"970436"}
    assert len({account.account_number for account in accounts}) == len(accounts)
    assert all(agency.tax_code.startswith("0000000") for agency in CATALOGUE.agencies)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1.012784", {"le_phi": 100_000}),
        ("1.012766", {"le_phi_ca_nhan": 25_000, "le_phi_to_chuc": 100_000}),
        ("1.004222", {"le_phi_truc_tiep": 20_000, "le_phi_truc_tuyen": 10_000}),
        ("1.012789", {"phi_khai_thac": 300_000, "le_phi_kem_theo": 30_000}),
        ("1.001193", {"le_phi_ho_tich": 0}),
        ("1.012786", {"le_phi": 50_000}),
    ],
)
def test_prices_are_those_that_were_published(code: str, expected: dict[str, int]) -> None:
    assert prices(code) == expected


def test_copies_are_priced_by_the_page_with_a_cap() -> None:
    (line,) = in_force("2.000815").lines

    assert line.tiers == (
        Tier(up_to=2, unit_amount_minor_units=2_000),
        Tier(up_to=None, unit_amount_minor_units=1_000),
    )
    assert line.cap_minor_units == 200_000


def test_the_cheaper_online_licence_ended_with_2025() -> None:
    last_day, next_day = date(2025, 12, 31), date(2026, 1, 1)

    assert prices("3.000346", on=last_day)["le_phi_doi_truc_tuyen"] == 115_000
    assert prices("3.000346", on=next_day)["le_phi_doi"] == 135_000


def test_the_catalogue_shows_phi_le_phi_service_prices_and_exemptions() -> None:
    lines: list[FeeLine] = [line for one in CATALOGUE.fee_schedules for line in one.lines]

    assert {line.kind for line in lines} == set(FeeKind)
    assert any(exemption.percent == 100 for line in lines for exemption in line.exemptions)


def test_every_way_to_pay_is_published_and_none_is_only_planned() -> None:
    assert set(METHODS) == {method.value for method in Method}
    assert json.loads(SAMPLE.read_text("utf-8"))["planned_payment_methods"] == []


def test_domestic_cards_of_34_banks_and_four_international_schemes_are_named() -> None:
    banks = METHODS["domestic_card"].brands
    schemes = METHODS["international_card"].brands

    assert len({bank.bin for bank in banks if bank.bin}) == 34
    assert {scheme.code for scheme in schemes} == {"VISA", "MASTERCARD", "AMEX", "JCB"}
    assert set(METHODS["internet_banking"].brands) <= set(banks)


@pytest.mark.parametrize("code", ["domestic_card", "international_card", "pos"])
def test_whoever_pays_by_card_is_told_that_its_number_never_comes_here(code: str) -> None:
    method = METHODS[code]

    assert "số thẻ" in method.explanation_vi
    assert "card number" in method.explanation_en


def test_each_explanation_says_when_the_receipt_comes_and_figures_of_contracts_are_samples() -> (
    None
):
    for method in METHODS.values():
        assert "iên lai điện tử" in method.explanation_vi, method.code
        assert "e-receipt" in method.explanation_en, method.code
        has_figure = (method.limit_minor_units or method.minimum_minor_units) is not None
        assert method.illustrative or not has_figure, method.code


def test_cash_card_terminal_and_cheque_are_for_the_counter_and_all_else_is_online() -> None:
    at_the_counter = {code for code, one in METHODS.items() if Place.ONLINE not in one.places}

    assert at_the_counter == {"cash", "pos", "e_cheque"}
