import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chassis.errors import Refused
from services.catalog.domain.errors import (
    BadCatalogueFile,
    BadPeriod,
    Empty,
    LastTierClosed,
    OverlappingPeriods,
)
from services.catalog.domain.fee_line import FeeKind, Tier
from services.catalog.storage.catalogue_file import parse_catalogue, read_catalogue

LINE: dict[str, Any] = {
    "line_code": "le_phi",
    "name": "Lệ phí",
    "kind": "le_phi",
    "amount": 100_000,
    "legal_basis": "Quyết định 2228/QĐ-UBND",
}
FEES: dict[str, Any] = {"valid_from": "2025-07-01", "lines": [LINE]}
PROCEDURE: dict[str, Any] = {
    "code": "1.012784",
    "name": "Tách thửa",
    "agency_codes": ["H19.25"],
    "level": "partial",
    "processing_days": 12,
    "valid_from": "2025-07-01",
    "fees": [FEES],
}


def written(*, line: dict[str, Any] | None = None, **changes: Any) -> bytes:
    procedure = deepcopy(PROCEDURE) | changes
    if line is not None:
        procedure["fees"][0]["lines"][0] |= line
    return json.dumps({"procedures": [procedure]}).encode()


def test_what_a_line_leaves_out_applies_to_everybody() -> None:
    catalogue = parse_catalogue(written())

    (schedule,) = catalogue.fee_schedules
    (line,) = schedule.lines
    assert schedule.period.valid_from == date(2025, 7, 1)
    assert (line.kind, line.case_code, line.payer_type, line.channel, line.unit) == (
        FeeKind.LE_PHI,
        "any",
        "any",
        "any",
        "dossier",
    )
    assert line.tiers == (Tier(up_to=None, unit_amount_minor_units=100_000),)
    assert catalogue.payment_methods is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "phí"}, "kind"),
        ({"kind": "tax"}, "kind"),
        ({"amount": 100_000.5}, "amount"),
        ({"amount": 100_000.0}, "amount"),
        ({"amount": "100000"}, "amount"),
        ({"amount": True}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"unit": "kg"}, "unit"),
        ({"payer_type": "anybody"}, "payer_type"),
        ({"prise": 1}, "prise"),
        ({"name": "x" * 2_001}, "name"),
    ],
)
def test_a_mistyped_line_is_refused_where_it_stands(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadCatalogueFile) as refused:
        parse_catalogue(written(line=change))

    assert refused.value.field == f"procedures.0.fees.0.lines.0.{field}"


def test_the_refusal_of_a_kind_names_the_kinds() -> None:
    with pytest.raises(BadCatalogueFile, match="'phi', 'le_phi' or 'gia_dich_vu'"):
        parse_catalogue(written(line={"kind": "tax"}))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tiers": [{"up_to": None, "amount": 1}]}, BadCatalogueFile),
        ({"amount": None}, BadCatalogueFile),
        ({"amount": None, "tiers": []}, Empty),
        ({"amount": None, "unit": "page", "tiers": [{"up_to": 2, "amount": 1}]}, LastTierClosed),
        ({"legal_basis": ""}, Empty),
    ],
)
def test_a_line_is_checked_as_it_is_read(change: dict[str, Any], reason: type[Refused]) -> None:
    with pytest.raises(reason):
        parse_catalogue(written(line=change))


def test_a_file_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(OverlappingPeriods):
        parse_catalogue(written(fees=[FEES, FEES | {"valid_from": "2026-01-01"}]))
    with pytest.raises(BadPeriod):
        parse_catalogue(written(fees=[FEES | {"valid_to": "2025-06-30"}]))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"agencies": [], "agencies": []}',
        b'{"agencies": NaN}',
        b'{"unknown": 1}',
        b'{"payment_methods": {}}',
        b'{"a":' * 50 + b"1" + b"}" * 50,
    ],
)
def test_bytes_that_are_not_a_catalogue_are_refused(raw: bytes) -> None:
    with pytest.raises(BadCatalogueFile):
        parse_catalogue(raw)


def test_a_missing_file_is_a_refusal_too(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogueFile, match="No such file"):
        read_catalogue(tmp_path / "none.json")
    with pytest.raises(BadCatalogueFile):
        read_catalogue(tmp_path)
