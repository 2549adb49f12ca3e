from typing import Any

import pytest

from tests.catalog.api.conftest import Door

PROBLEM = "application/problem+json"


async def everything(door: Door, path: str, **query: str | int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    answer = (await door.get(path, **query)).json()
    items += answer["items"]
    while answer["next_cursor"]:
        answer = (await door.get(path, **query, cursor=answer["next_cursor"])).json()
        items += answer["items"]
    return items


@pytest.mark.parametrize("q", ["tách thửa", "tach thua", "TACH  THUA", "1.012784"])
async def test_a_procedure_is_found_as_people_type_it(door: Door, q: str) -> None:
    answer = await door.get("/v1/procedures", q=q)

    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {
                "code": "1.012784",
                "name": "Tách thửa hoặc hợp thửa đất",
                "agency_codes": ["H19.25"],
                "level": "partial",
                "processing_days": 12,
                "processing_day_kind": "working",
                "illustrative": False,
                "valid_from": "2025-07-01",
                "valid_to": None,
            }
        ],
        "next_cursor": None,
    }


async def test_pages_of_any_size_hold_the_same_list(door: Door) -> None:
    whole = await everything(door, "/v1/procedures")

    assert len(whole) >= 14
    assert [one["code"] for one in whole] == sorted({one["code"] for one in whole})
    for limit in (1, 7, len(whole), 100):
        assert await everything(door, "/v1/procedures", limit=limit) == whole


async def test_procedures_are_filtered_by_agency(door: Door) -> None:
    found = await everything(door, "/v1/procedures", agency_code="H19.25", limit=3)

    assert found
    assert all("H19.25" in one["agency_codes"] for one in found)
    assert await everything(door, "/v1/procedures", agency_code="H19.999") == []


async def test_one_procedure_is_shown(door: Door) -> None:
    answer = await door.get("/v1/procedures/1.004222")

    assert answer.status_code == 200
    assert answer.json()["name"] == "Đăng ký thường trú"


async def test_fees_are_amounts_with_a_currency_and_a_legal_basis(door: Door) -> None:
    answer = await door.get("/v1/procedures/2.000815/fees")

    assert answer.status_code == 200
    body = answer.json()
    assert (body["procedure_code"], body["on"]) == ("2.000815", "2026-11-23")
    assert body["lines"] == [
        {
            "line_code": "phi_chung_thuc",
            "name": "Phí chứng thực bản sao từ bản chính",
            "kind": "phi",
            "case_code": "any",
            "case_name": "Mọi trường hợp",
            "payer_type": "any",
            "channel": "any",
            "unit": "page",
            "tiers": [
                {"up_to": 2, "unit_amount": {"amount": 2_000, "currency": "VND"}},
                {"up_to": None, "unit_amount": {"amount": 1_000, "currency": "VND"}},
            ],
            "cap": {"amount": 200_000, "currency": "VND"},
            "legal_basis": "Thông tư 226/2016/TT-BTC",
            "exemptions": [],
            "illustrative": False,
        }
    ]


@pytest.mark.parametrize(("on", "online"), [("2025-12-31", 115_000), ("2026-01-01", 135_000)])
async def test_fees_are_those_of_the_day_asked_for(door: Door, on: str, online: int) -> None:
    body = (await door.get("/v1/procedures/3.000346/fees", on=on)).json()

    amounts = {
        line["tiers"][0]["unit_amount"]["amount"]
        for line in body["lines"]
        if line["case_code"] == "cap_doi" and line["channel"] in ("online", "any")
    }
    assert amounts == {online}


async def test_agencies_show_where_their_fees_arrive(door: Door) -> None:
    agencies = await everything(door, "/v1/agencies", limit=2)

    assert {"H19.25", "H19.30", "H19.101"} <= {agency["code"] for agency in agencies}
    land_office = (await door.get("/v1/agencies/H19.25")).json()
    assert land_office in agencies
    assert land_office["collection_account"]["bank_bin"] == "970436"


async def test_ways_to_pay_are_explained_in_two_languages(door: Door) -> None:
    answer = await door.get("/v1/payment-methods")

    assert answer.status_code == 200
    methods = {one["code"]: one for one in answer.json()["items"]}
    assert len(methods) == 11
    assert all(one["explanation_vi"] and one["explanation_en"] for one in methods.values())
    assert methods["vietqr"]["limit"] is None
    assert methods["vietqr"]["places"] == ["online", "counter"]
    assert methods["momo"]["minimum"] == {"amount": 1_000, "currency": "VND"}
    assert methods["momo"]["illustrative"] is True
    vietcombank = {"code": "VCB", "name": "Vietcombank", "bin": "970436"}
    assert vietcombank in methods["domestic_card"]["brands"]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/v1/procedures/1.999999", {}, 404, "procedure_not_found"),
        ("/v1/procedures/1.999999/fees", {}, 404, "procedure_not_found"),
        ("/v1/procedures/1.012784/fees", {"on": "2020-01-01"}, 404, "no_fees_on_that_day"),
        ("/v1/agencies/H19.99", {}, 404, "agency_not_found"),
        ("/v1/nothing", {}, 404, "not_found"),
        ("/v1/procedures", {"cursor": "!!!"}, 400, "bad_cursor"),
        ("/v1/procedures", {"cursor": "SDE5LjI1"}, 400, "bad_cursor"),
        ("/v1/procedures", {"cursor": "é"}, 400, "bad_cursor"),
        ("/v1/procedures", {"cursor": ""}, 400, "bad_cursor"),
        ("/v1/agencies", {"cursor": "MS4wMTI3ODQ"}, 400, "bad_cursor"),
        ("/v1/procedures", {"limit": 101}, 422, "invalid"),
        ("/v1/procedures", {"limit": 0}, 422, "invalid"),
        ("/v1/procedures", {"limit": "many"}, 422, "invalid"),
        ("/v1/procedures", {"q": "x" * 101}, 422, "invalid"),
        ("/v1/procedures", {"agency_code": "'; --"}, 422, "invalid"),
        ("/v1/procedures/1.1.012756", {}, 422, "invalid"),
        ("/v1/procedures/1.012784%00", {}, 422, "invalid"),
        ("/v1/procedures/1.012784%0A", {}, 422, "invalid"),
        ("/v1/procedures/1.012784/fees", {"on": "31/12/2025"}, 422, "invalid"),
        ("/v1/agencies/19.25", {}, 422, "invalid"),
    ],
)
async def test_a_bad_question_is_answered_with_the_reason(
    door: Door, path: str, query: dict[str, Any], status: int, code: str
) -> None:
    answer = await door.get(path, **query)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("q", ["\x00", "%", "_", "a\x00b", "\U0001f600"])
async def test_an_odd_search_is_an_empty_list_or_the_whole_one(door: Door, q: str) -> None:
    assert (await door.get("/v1/procedures", q=q)).status_code == 200


async def test_nobody_gets_past_without_a_token(door: Door) -> None:
    answer = await door.client.get("/v1/procedures")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM
    assert (await door.client.get("/health/ready")).status_code == 200
