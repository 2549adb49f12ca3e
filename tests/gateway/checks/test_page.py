"""The page a receipt's QR leads to, as it is sent: without a script and without an account."""

import json
from typing import Any

import pytest

from tests.gateway.checks.conftest import AMOUNT, CODE, LOOKUPS, PAGE, QR, ask, found, keep, problem
from tests.gateway.world import World, json_answer

FILE = f"{PAGE}/tep"
XML = b'<?xml version="1.0"?>\r\n--x\r\nnot the boundary'


def verdict(**changes: Any) -> dict[str, Any]:
    shown = {name: found()[name] for name in ("form_code", "symbol", "printed_number", "kind")}
    shown |= {name: found()[name] for name in ("agency", "amount", "issued_at", "linked")}
    return {
        "form": "xml",
        "sha256": "ab" * 32,
        "origin": "issued",
        "signatures": {
            "judged": True,
            "valid": True,
            "items": [{"name": "receipt", "valid": True, "detail": "signed by somebody"}],
        },
        "receipt": {**shown, "standing": "valid"},
        **changes,
    }


async def bring(world: World, file: bytes, answer: Any) -> Any:
    world.upstream.answers["POST", "/v1/receipt-checks"] = answer
    return await world.http.post(FILE, files={"tep": ("bien-lai.xml", file, "text/xml")})


async def test_the_qr_shows_the_receipt_at_once(kept: World) -> None:
    page = await kept.http.get(PAGE, params=QR)

    assert page.status_code == 200
    for said in ("Biên lai hợp lệ", "150.000 ₫", "00000007", "N*** T*** Á*** N***", "Sở Tư pháp"):
        assert said in page.text
    assert f'href="{LOOKUPS}/{CODE}/pdf"' in page.text


async def test_the_bare_page_asks_and_hands_nothing_on(kept: World) -> None:
    page = await kept.http.get(PAGE)

    assert page.status_code == 200
    assert '<form method="post" action="/tra-cuu-bien-lai"' in page.text
    assert "<script" not in page.text
    assert kept.upstream.requests == []


@pytest.mark.parametrize("amount", ["150000", "150.000", "150,000 đ", "150 000 đồng", "150.000₫"])
async def test_code_and_amount_find_it_however_the_amount_is_written(
    kept: World, amount: str
) -> None:
    page = await ask(kept.http, f" {CODE} ", amount)

    assert (page.status_code, "Biên lai hợp lệ" in page.text) == (200, True)
    (asked,) = kept.upstream.requests
    assert asked.target == LOOKUPS
    assert json.loads(asked.body) == {"code": CODE, "amount": AMOUNT}


async def test_every_miss_is_one_and_the_same_page(kept: World) -> None:
    misses = [
        await ask(kept.http, "x" * 22),
        await ask(kept.http, CODE, 150_001),
        await ask(kept.http, "short"),
        await ask(kept.http, CODE, "much"),
        await ask(kept.http, "<script>", "-1"),
        await kept.http.post(PAGE, content=b"%%%"),
    ]

    assert {page.status_code for page in misses} == {404}
    assert len({page.text for page in misses}) == 1
    assert "Không tìm thấy biên lai" in misses[0].text


async def test_a_qr_with_another_number_is_a_miss_too(kept: World) -> None:
    page = await kept.http.get(PAGE, params={**QR, "number": "8"})

    assert (page.status_code, "Không tìm thấy biên lai" in page.text) == (404, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"standing": "replaced", "linked": [{"relation": "replaced_by", "form_code": "01BLP0-001",
          "symbol": "AA-26E", "printed_number": "00000009"}]}, ["bị thay thế", "00000009"]),
        ({"standing": "adjusted"}, ["đã được điều chỉnh"]),
        ({"standing": "cancelled"}, ["đã bị huỷ"]),
        ({"standing": "partly_refunded", "refund": {"amount": {"amount": 50_000,
          "currency": "VND"}}}, ["hoàn trả một phần", "50.000 ₫"]),
        ({"standing": "refunded"}, ["hoàn trả toàn bộ"]),
        ({"standing": "being_signed", "issued_at": None, "signed_by": None, "xml_path": None,
          "pdf_path": None}, ["đang được ký số"]),
    ],
    ids=lambda value: value["standing"] if isinstance(value, dict) else "",
)  # fmt: skip
async def test_each_standing_is_said_in_words(
    quick_world: World, changes: dict[str, Any], said: list[str]
) -> None:
    keep(quick_world, **changes)

    page = await quick_world.http.get(PAGE, params=QR)

    for words in said:
        assert words in page.text
    assert "Biên lai hợp lệ" not in page.text
    assert (f"{CODE}/pdf" in page.text) == (changes["standing"] != "being_signed")


async def test_another_language_keeps_the_receipt_in_sight(kept: World) -> None:
    page = await kept.http.get(PAGE, params=QR)
    english = await kept.http.get(PAGE, params={**QR, "lang": "en"})

    assert f"?lang=en&amp;form_code=01BLP0-001&amp;symbol=AA-26E&amp;number=7&amp;code={CODE}" in (
        page.text
    )
    assert "The receipt is valid" in english.text


async def test_the_code_stays_out_of_logs_and_referrers(
    kept: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    kept.upstream.answers["GET", f"{LOOKUPS}/{CODE}/pdf"] = json_answer({}, 500)

    answers = [
        await kept.http.get(PAGE, params=QR),
        await ask(kept.http),
        await kept.http.get(f"{LOOKUPS}/{CODE}/pdf"),
        await kept.http.get(LOOKUPS, params=QR),
    ]
    kept.upstream.down = True
    answers.append(await kept.http.get(f"{LOOKUPS}/{CODE}/pdf"))

    assert {answer.headers["referrer-policy"] for answer in answers} == {"no-referrer"}
    said = capfd.readouterr()
    # httpx, which plays the browser here, says what it asks; the gateway does not.
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("http")]
    for text in (said.out, said.err, *ours):
        assert CODE not in text


async def test_a_file_comes_to_its_judge_byte_for_byte(kept: World) -> None:
    page = await bring(kept, XML, json_answer(verdict()))

    assert page.status_code == 200
    assert kept.upstream.requests[-1].body == XML
    assert "Tệp thật, chưa bị sửa" in page.text


async def test_a_changed_file_is_told_with_the_reason_and_nothing_in_it_is_markup(
    kept: World,
) -> None:
    items = [{"name": "page", "valid": False, "detail": "<script>alert(1)</script>"}]
    judged = {"judged": True, "valid": False, "items": items}
    answer = verdict(origin="unknown", receipt=None, signatures=judged)

    page = await bring(kept, XML, json_answer(answer))

    assert "Không phải tệp gốc, hoặc đã bị sửa" in page.text
    assert "bản in lại" in page.text
    assert "<script" not in page.text


async def test_a_genuine_file_of_a_cancelled_receipt_says_both(kept: World) -> None:
    answer = verdict()
    answer["receipt"]["standing"] = "cancelled"

    page = await bring(kept, XML, json_answer(answer))

    assert "Tệp thật, chưa bị sửa" in page.text
    assert "Biên lai đã bị huỷ" in page.text


async def test_what_is_no_receipt_and_no_file_is_said_so(kept: World) -> None:
    refused = await bring(kept, b"GIF89a", problem(422, "neither_xml_nor_pdf"))
    empty = await kept.http.post(FILE, content=b"", headers={"content-type": "text/plain"})

    for page in (refused, empty):
        assert (page.status_code, "không phải tệp biên lai" in page.text) == (422, True)


async def test_the_anchors_are_published_and_hold_what_a_receipt_needs(kept: World) -> None:
    answer = await kept.http.get("/.well-known/receipt-anchors.json")

    assert answer.status_code == 200
    assert set(answer.json()) == {"receipt_ca", "tsa_ca"}
    assert all(pem.startswith("-----BEGIN CERT") for pem in answer.json()["receipt_ca"])
