from typing import Any

import pytest

from services.receipt.domain.receipts.receipt import Receipt
from tests.receipt.api.conftest import PORTAL, PUBLIC, Door
from tests.receipt.samples import SECRET

PATH = "/v1/receipt-lookups"


def printed(receipt: Receipt, **changes: Any) -> dict[str, Any]:
    number = receipt.number
    return {
        "form_code": number.series.form_code,
        "symbol": number.series.symbol,
        "number": number.printed,
        "code": receipt.lookup_code,
        **changes,
    }


async def test_anybody_with_the_paper_can_compare_it(door: Door, issued: list[Receipt]) -> None:
    answer = await door.get(PATH, PUBLIC, **printed(issued[1]))

    assert answer.status_code == 200
    body = answer.json()
    assert body["payer_masked"] == "N*** T*** Á*** N***"
    assert body["amount"] == {"amount": 100_000, "currency": "VND"}
    assert body["agency"]["code"] == "H19.25"
    assert (body["number"], body["printed_number"]) == (2, "00000002")
    for personal in SECRET.values():
        assert str(personal) not in answer.text


async def test_the_files_are_those_of_the_receipt(door: Door, issued: list[Receipt]) -> None:
    body = (await door.get(PATH, PUBLIC, **printed(issued[0]))).json()

    for form in ("xml", "pdf"):
        by_code = await door.get(body[f"{form}_path"], PUBLIC)
        by_id = await door.get(f"/v1/receipts/{issued[0].id}/{form}", PORTAL)
        assert by_code.status_code == 200
        assert by_code.content == by_id.content


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "a" * 22},
        {"number": 2},
        {"symbol": "AA-25E"},
        {"form_code": "01BLP0-002"},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_every_wrong_guess_gets_the_same_answer(
    door: Door, issued: list[Receipt], changes: dict[str, Any]
) -> None:
    answer = await door.get(PATH, PUBLIC, **printed(issued[0], **changes))

    assert (answer.status_code, answer.json()["code"]) == (404, "receipt_not_found")


async def test_a_receipt_without_its_signature_says_so_and_has_no_files_yet(
    door: Door, numbered: list[Receipt]
) -> None:
    body = (await door.get(PATH, PUBLIC, **printed(numbered[0]))).json()
    files = [
        await door.get(f"{PATH}/{numbered[0].lookup_code}/{form}", PUBLIC)
        for form in ("xml", "pdf")
    ]

    assert (body["standing"], body["state"]) == ("being_signed", "numbered")
    assert {body[name] for name in ("issued_at", "signed_by", "xml_path", "pdf_path")} == {None}
    assert {answer.json()["code"] for answer in files} == {"receipt_not_issued_yet"}


async def test_code_and_amount_show_the_receipt_and_who_signed_it(
    door: Door, issued: list[Receipt]
) -> None:
    question = {"code": issued[0].lookup_code, "amount": issued[0].amount.minor_units}

    answer = await door.post(PATH, PUBLIC, json=question)

    body = answer.json()
    assert answer.status_code == 200
    assert body == (await door.get(PATH, PUBLIC, **printed(issued[0]))).json()
    assert (body["standing"], body["state"], body["linked"]) == ("valid", "issued", [])
    assert body["signed_by"]
    assert [one["name"] for one in body["lines"]] == [one.name for one in issued[0].lines]
    for personal in SECRET.values():
        assert str(personal) not in answer.text


@pytest.mark.parametrize("changes", [{"code": "a" * 22}, {"amount": 1}])
async def test_a_wrong_code_and_a_wrong_amount_are_one_miss(
    door: Door, issued: list[Receipt], changes: dict[str, Any]
) -> None:
    question = {"code": issued[0].lookup_code, "amount": issued[0].amount.minor_units}

    answer = await door.post(PATH, PUBLIC, json=question | changes)

    assert (answer.status_code, answer.json()["code"]) == (404, "receipt_not_found")
    no_code = await door.get(f"{PATH}/{'a' * 22}/pdf", PUBLIC)
    differing = {"request_id"}
    assert {k: v for k, v in answer.json().items() if k not in differing} == {
        k: v for k, v in no_code.json().items() if k not in differing
    }


async def test_a_question_that_cannot_be_meant_is_refused(door: Door) -> None:
    answer = await door.get(PATH, PUBLIC, form_code="x", symbol="y", number=0, code="short")

    assert answer.status_code == 422
