import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.money import Money
from services.dossier.domain.fee_request import PaymentCode
from services.dossier.domain.refund import Refund, RefundStatus
from services.dossier.use_cases.record_payment_expired import record_payment_expired
from services.dossier.use_cases.record_payment_opened import record_payment_opened
from services.dossier.use_cases.record_payment_succeeded import record_payment_succeeded
from services.dossier.use_cases.record_receipt_issued import record_receipt_issued
from services.dossier.use_cases.record_refund import record_refund
from tests.dossier.api.conftest import BARE, CITIZEN, PUBLIC, SISTER, STRANGER, Door
from tests.dossier.samples import CODE, receipt

PROBLEM = "application/problem+json"
BODY: dict[str, Any] = {
    "procedure_code": "1.012784",
    "agency_code": "H19.25",
    "channel": "online",
    "payer_type": "person",
    "applicant": {
        "full_name": "Nguyễn Thị Ánh Tuyết",
        "identity_number": "075184001234",
        "address": "Số 12, phường Trảng Dài, tỉnh Đồng Nai",
        "email": "Tuyet@example.vn",
        "phone": "0912 345 678",
    },
}


async def open_payment(door: Door, intent_id: str, code: PaymentCode = CODE) -> None:
    await record_payment_opened(UUID(intent_id), code=code, caused_by=uuid4(), uow=door.uow())


async def test_a_dossier_is_taken_in_with_the_facts_of_its_creation(door: Door) -> None:
    answer = await door.submit(BODY)

    assert answer.status_code == 201
    body = answer.json()
    UUID(body.pop("id"))
    UUID(body.pop("payment_intent_id"))
    line = body["fee"]["lines"][0]
    assert line["line_code"] == "le-phi"
    assert line["amount"] == {"amount": 100_000, "currency": "VND"}
    assert body["fee"]["total"] == {"amount": 1_350_000, "currency": "VND"}
    del body["fee"]
    assert body == {
        "code": "H19.25-261123-0001",
        "submitted_at": "2026-11-23T02:15:00Z",
        "procedure": {"code": "1.012784", "name": "Tách thửa hoặc hợp thửa đất"},
        "agency": {"code": "H19.25", "name": "Văn phòng Đăng ký đất đai tỉnh Đồng Nai"},
    }


async def test_a_repeat_gets_the_same_bytes_even_after_the_dossier_moved_on(door: Door) -> None:
    first = await door.submit(BODY, key="same-key-1")
    await record_payment_succeeded(
        UUID(first.json()["payment_intent_id"]),
        paid_at=door.clock.now(),
        caused_by=uuid4(),
        uow=door.uow(),
        clock=door.clock,
    )
    door.clock.advance(timedelta(days=3))

    again = await door.submit(BODY, key="same-key-1")

    assert (again.status_code, again.content) == (first.status_code, first.content)


async def test_the_same_key_at_once_is_answered_alike(door: Door) -> None:
    answers = await asyncio.gather(*(door.submit(BODY, key="same-key-2") for _ in range(5)))

    assert {answer.content for answer in answers} == {answers[0].content}
    assert {answer.status_code for answer in answers} == {201}


async def test_a_key_used_for_another_body_is_a_conflict(door: Door) -> None:
    await door.submit(BODY, key="same-key-3")

    answer = await door.submit({**BODY, "channel": "counter"}, key="same-key-3")

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


async def test_a_name_typed_another_way_is_the_same_request(door: Door) -> None:
    loose = {**BODY, "applicant": {**BODY["applicant"], "full_name": " Nguye\u0302\u0303n  Thị Ánh "
                                   "Tuyết"}}  # fmt: skip

    first = await door.submit(BODY, key="same-key-4")
    again = await door.submit(loose, key="same-key-4")

    assert first.content == again.content


UNCHARGEABLE: list[tuple[dict[str, Any], str, str]] = [
    ({"procedure_code": "9.9"}, "unknown_procedure", "procedure_code"),
    ({"agency_code": "H10"}, "not_offered_at_agency", "agency_code"),
    ({"case_code": "x"}, "unknown_case", "case_code"),
    ({"quantities": {"x": 1}}, "unknown_fee_line", "quantities.x"),
    ({"quantities": {"phi": 2}}, "quantity_out_of_range", "quantities.phi"),
]


async def test_what_cannot_be_charged_is_refused_with_its_reason(door: Door) -> None:
    for change, code, field in UNCHARGEABLE:
        answer = await door.submit({**BODY, **change})

        assert answer.status_code == 422
        assert answer.headers["content-type"] == PROBLEM
        assert (answer.json()["code"], answer.json()["errors"][0]["field"]) == (code, field)


BROKEN_BODIES: list[dict[str, Any]] = [
    {"surprise": 1},
    {"channel": "fax"},
    {"agency_code": "H19.25'; --"},
    {"procedure_code": "1.0\u0000"},
    {"quantities": {"phi": 0}},
    {"quantities": {"phi": 10_001}},
    {"quantities": {"phi": "1"}},
    {"quantities": {"phi": 1.0}},
    {"exemption_groups": ["x"] * 21},
    {"applicant": {}},
    {"applicant": {"full_name": ""}},
    {"applicant": {"full_name": "漢字"}},
    {"applicant": {"full_name": "A\u202eB"}},
    {"applicant": {"full_name": "A\u0000B"}},
    {"applicant": {"full_name": "x" * 201}},
    {"applicant": {"full_name": "A", "email": "a@b\r\nBcc: c@d"}},
    {"applicant": {"full_name": "A", "phone": "call me"}},
    {"applicant": {"full_name": "A", "identity_number": "12 34"}},
]


async def test_a_body_that_breaks_the_schema_is_refused_without_an_echo(door: Door) -> None:
    for change in BROKEN_BODIES:
        answer = await door.submit({**BODY, **change})

        assert answer.status_code == 422, change
        assert "A\u202eB" not in answer.text
        assert "Trảng Dài" not in answer.text


async def test_only_registered_clients_with_the_scope_submit_and_list(door: Door) -> None:
    for caller in (BARE, PUBLIC, CITIZEN, SISTER):
        submitted = await door.submit(BODY, caller=caller)
        listed = await door.get("/v1/dossiers", caller=caller)

        assert (submitted.status_code, listed.status_code) == (403, 403), caller


async def test_nobody_but_the_client_and_sister_services_sees_a_dossier(door: Door) -> None:
    path = f"/v1/dossiers/{(await door.submit(BODY)).json()['id']}"

    for caller in (BARE, PUBLIC, CITIZEN):
        assert (await door.get(path, caller=caller)).status_code == 403, caller
        assert (await door.get(f"{path}/slip.pdf", caller=caller)).status_code == 403, caller
    assert (await door.get(path, caller=SISTER)).status_code == 200


async def test_a_dossier_is_shown_with_its_state_payment_receipts_and_history(door: Door) -> None:
    created = (await door.submit(BODY)).json()
    intent = created["payment_intent_id"]

    before = (await door.get(f"/v1/dossiers/{created['id']}")).json()
    await open_payment(door, intent)
    opened = (await door.get(f"/v1/dossiers/{created['id']}")).json()
    for part in (1, 2):
        await record_receipt_issued(
            receipt(part, fee_request_id=UUID(intent)),
            caused_by=uuid4(),
            uow=door.uow(),
            clock=door.clock,
        )
    await record_payment_succeeded(
        UUID(intent), paid_at=door.clock.now(), caused_by=uuid4(), uow=door.uow(), clock=door.clock
    )
    done = (await door.get(f"/v1/dossiers/{created['id']}", caller=SISTER)).json()

    assert created.items() <= before.items()
    assert before["state"] == {
        "code": 6,
        "name_vi": "Yêu cầu thực hiện nghĩa vụ tài chính",
        "name_en": "Payment required",
    }
    assert before["payment"]["status"] == "created"
    assert before["payment"]["qr_payload"] is None
    assert opened["payment"]["status"] == "confirmed"
    assert opened["payment"]["qr_payload"] == CODE.qr_payload
    assert done["payment"]["status"] == "succeeded"
    assert done["payment"]["qr_payload"] is None
    assert [one["lookup_code"] for one in done["receipts"]] == ["LOOK1", "LOOK2"]
    assert [step["to_state"]["code"] for step in done["history"]] == [6, 2, 4]


async def test_the_applicant_is_in_no_answer_but_the_slip(door: Door) -> None:
    created = await door.submit(BODY)
    shown = await door.get(f"/v1/dossiers/{created.json()['id']}")
    listed = await door.get("/v1/dossiers")

    for answer in (created, shown, listed):
        for secret in BODY["applicant"].values():
            assert secret not in answer.text


async def test_a_strangers_dossier_is_as_if_there_were_none(door: Door) -> None:
    created = (await door.submit(BODY)).json()

    for path in (created["id"], f"{created['id']}/slip.pdf", str(uuid4())):
        answer = await door.get(f"/v1/dossiers/{path}", caller=STRANGER)
        assert (answer.status_code, answer.json()["code"]) == (404, "dossier_not_found")
    listed = await door.get("/v1/dossiers", caller=STRANGER)
    assert listed.json() == {"items": [], "next_cursor": None}


async def test_the_list_is_filtered_and_pages_hold_all_of_it_once(door: Door) -> None:
    codes = [(await door.submit(BODY)).json()["code"] for _ in range(5)]

    seen: list[str] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await door.get("/v1/dossiers", **query)).json()
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    by_code = (await door.get("/v1/dossiers", code=codes[2])).json()
    waiting = (await door.get("/v1/dossiers", state=6)).json()
    working = (await door.get("/v1/dossiers", state=4)).json()

    assert sorted(seen) == codes
    assert [item["code"] for item in by_code["items"]] == [codes[2]]
    assert (len(waiting["items"]), working["items"]) == (5, [])


WRONG_QUERIES: list[tuple[dict[str, Any], int]] = [
    ({"cursor": "nonsense"}, 400),
    ({"cursor": "!!!"}, 400),
    ({"limit": 0}, 422),
    ({"limit": 101}, 422),
    ({"state": 11}, 422),
    ({"code": "x"}, 422),
]


async def test_a_list_asked_for_wrongly_says_so(door: Door) -> None:
    for query, status in WRONG_QUERIES:
        assert (await door.get("/v1/dossiers", **query)).status_code == status, query


async def test_a_slip_is_ready_with_the_confirmed_payment_and_then_never_changes(
    door: Door,
) -> None:
    created = (await door.submit(BODY)).json()
    path = f"/v1/dossiers/{created['id']}/slip.pdf"

    early = await door.get(path)
    await open_payment(door, created["payment_intent_id"])
    slip = await door.get(path)
    door.clock.advance(timedelta(hours=1))
    later = await door.get(path)

    assert (early.status_code, early.json()["code"]) == (409, "slip_not_ready")
    assert slip.status_code == 200
    assert slip.headers["content-type"] == "application/pdf"
    assert slip.headers["cache-control"] == "private, no-store"
    assert slip.content.startswith(b"%PDF-")
    assert slip.content == later.content


async def test_a_slip_asked_for_by_many_at_once_is_one_paper(door: Door) -> None:
    created = (await door.submit(BODY)).json()
    await open_payment(door, created["payment_intent_id"])

    slips = await asyncio.gather(
        *(door.get(f"/v1/dossiers/{created['id']}/slip.pdf") for _ in range(4))
    )

    assert len({slip.content for slip in slips}) == 1


async def test_an_expired_payment_has_no_slip(door: Door) -> None:
    created = (await door.submit(BODY)).json()
    intent = created["payment_intent_id"]
    await open_payment(door, intent, replace(CODE, expires_at=door.clock.now()))
    ended = await door.get(f"/v1/dossiers/{created['id']}/slip.pdf")
    await record_payment_expired(
        UUID(intent), at=door.clock.now(), caused_by=uuid4(), uow=door.uow()
    )
    expired = await door.get(f"/v1/dossiers/{created['id']}/slip.pdf")

    assert (ended.status_code, expired.status_code) == (409, 409)
    assert "hết hạn" in expired.json()["detail"]


async def test_what_goes_back_is_shown_with_how_it_ended(door: Door) -> None:
    created = (await door.submit(BODY)).json()
    refund = Refund(
        refund_id=uuid4(),
        fee_request_id=UUID(created["payment_intent_id"]),
        amount=Money(50_000),
        status=RefundStatus.SUCCEEDED,
        requested_at=door.clock.now(),
        ended_at=door.clock.now(),
    )
    asked = replace(refund, status=RefundStatus.REQUESTED, ended_at=None)
    # The older news comes last, and changes nothing.
    for news in (refund, asked):
        await record_refund(news, caused_by=uuid4(), uow=door.uow())

    (shown,) = (await door.get(f"/v1/dossiers/{created['id']}")).json()["refunds"]

    assert (shown["status"], shown["amount"]["amount"]) == ("succeeded", 50_000)
    assert shown["ended_at"] is not None


async def test_anybody_may_ask_what_it_would_cost(door: Door) -> None:
    question = {
        "procedure_code": "1.012784",
        "agency_code": "H19.25",
        "channel": "online",
        "exemption_group": ["ho-ngheo", "khac"],
        "quantity": ["phi:1"],
    }

    quote = await door.get("/v1/fee-quotes", caller=PUBLIC, **question)
    wrong = await door.get("/v1/fee-quotes", caller=PUBLIC, **{**question, "quantity": "phi:2"})
    listed = await door.get("/v1/dossiers")

    assert quote.status_code == 200
    assert quote.json()["on"] == "2026-11-23"
    assert quote.json()["fee"]["total"] == {"amount": 1_250_000, "currency": "VND"}
    assert quote.json()["fee"]["lines"][0]["exempt_percent"] == 100
    assert (wrong.status_code, wrong.json()["code"]) == (422, "quantity_out_of_range")
    assert listed.json()["items"] == []


async def test_it_is_ready_when_its_tables_are_there(door: Door) -> None:
    answer = await door.client.get("/health/ready")

    assert answer.json() == {"status": "up"}
