"""Bills in bulk: each line of a file has one clear result, however the file came."""

import asyncio
import csv
from io import StringIO
from pathlib import Path
from unicodedata import normalize
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from chassis.db import Database
from services.payment.domain.bills import batch as batches
from services.payment.domain.intents.payment_intent import Status
from services.payment.domain.qr.vietqr import read_qr
from services.payment.storage.bills.tables import BILL_BATCH_LINE, BILL_BATCH_PART
from services.payment.storage.intents.tables import PAYMENT_ATTEMPT, PAYMENT_INTENT
from services.payment.use_cases.bills import open_waiting_lines, read_batch
from tests.payment.bills.conftest import (
    BATCHES,
    COLUMNS,
    HOSPITAL,
    INTENTS,
    OTHER_AGENCY,
    PAYER_NAME,
    Billers,
    bill_body,
    csv_file,
    open_billers,
    row,
)
from tests.payment.contracts import said, said_types
from tests.payment.readme import drawn_states
from tests.payment.samples import notice_facts


async def counted(database: Database) -> int:
    async with database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(PAYMENT_INTENT)) or 0


async def test_each_line_becomes_a_bill_with_its_code_or_says_why_not(
    billers: Billers, database: Database
) -> None:
    raw = csv_file(row("HP-0001"), row("HP-0002", amount="0"), row("HP-0003", kind="gia_dich_vu"))

    taken = await billers.send_file(raw)
    batch = await billers.done(raw)

    assert (taken.status_code, taken.json()["status"]) == (202, "reading")
    assert (batch["status"], batch["lines"], batch["done"]) == ("completed", 3, 3)
    assert (batch["opened"], batch["refused"]) == (2, 1)
    first, second, third = await billers.results(batch)
    assert (first["line"], first["reference"], first["result"]) == (2, "HP-0001", "opened")
    assert first["link"] == f"http://127.0.0.1:8400/pay/{first['payment_intent_id']}"
    code = read_qr(first["qr_payload"])
    assert (code.amount, code.bill_number) == (100_000, first["bill_reference"])
    assert (second["line"], second["result"]) == (3, "refused")
    assert second["refusal"]["code"] == "nothing_to_pay"
    assert third["result"] == "opened"
    assert [event["data"]["opened"] for event in await said(database)] == [2]
    assert await said_types(database) == ["bill_batch.completed.v1"]


async def test_a_bill_of_a_batch_is_paid_as_any_other(billers: Billers) -> None:
    batch = await billers.done(csv_file(row("HP-0001")))
    (line,) = await billers.results(batch)

    await billers.world.notify(notice_facts(line["bill_reference"], amount=100_000))

    assert await billers.world.status(UUID(line["payment_intent_id"])) is Status.SUCCEEDED
    shown = (await billers.get(f"{INTENTS}?batch_id={batch['id']}")).json()["items"]
    assert [one["status"] for one in shown] == ["succeeded"]


async def test_the_same_file_or_key_again_is_the_same_batch(
    billers: Billers, database: Database
) -> None:
    raw = csv_file(row("HP-0001"), row("HP-0002"))
    batch = await billers.done(raw)

    same_key = await billers.done(raw)
    same_file = await billers.done(raw, key="file-0000002")
    other = await billers.send_file(csv_file(row("HP-0009")))
    elsewhere = await billers.send_file(raw, caller=HOSPITAL)

    assert same_key == same_file == batch
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert elsewhere.json()["id"] != batch["id"]
    assert await counted(database) == 2


async def test_a_line_that_was_opened_before_is_the_same_bill_and_another_of_its_name_is_none(
    billers: Billers, database: Database
) -> None:
    single = (await billers.open(bill_body("HP-0000", due_at="2026-12-31T23:59:59+07:00"))).json()
    first = await billers.done(csv_file(row("HP-0001"), row("HP-0002")))
    mixed = csv_file(
        row("HP-0000", payer_name=PAYER_NAME),
        row("HP-0001"),
        row("HP-0002", amount="5"),
        row("HP-0003"),
        row("HP-0003"),
    )

    again = await billers.done(mixed, key="file-0000002")

    before = await billers.results(first)
    results = await billers.results(again)
    # The single bill was of a payer with a number, so it is another.
    assert results[0]["refusal"]["code"] == "reference_taken"
    assert results[1]["payment_intent_id"] == before[0]["payment_intent_id"]
    assert [one["result"] for one in results] == [
        "refused",
        "opened",
        "refused",
        "opened",
        "refused",
    ]
    assert {results[2]["refusal"]["code"], results[4]["refusal"]["code"]} == {"reference_taken"}
    assert single["reference"] == "HP-0000"
    assert await counted(database) == 4


async def test_a_line_may_hold_fees_of_several_agencies(billers: Billers) -> None:
    more = ["line_code_2", "line_name_2", "kind_2", "amount_2", "legal_basis_2"]
    header = ",".join([*COLUMNS, *more, "line_agency_code_2"])
    second = ["YT-01", "Phí y tế", "le_phi", "20000", "NQ 1", OTHER_AGENCY]

    batch = await billers.done(csv_file([*row("HP-0001"), *second], header=header))

    (line,) = await billers.results(batch)
    shown = (await billers.get(f"{INTENTS}/{line['payment_intent_id']}")).json()
    assert shown["amount"]["amount"] == 120_000
    assert [one["agency_code"] for one in shown["lines"]] == [None, OTHER_AGENCY]


MALFORMED: dict[str, tuple[str, str]] = {
    "a column too few": (",".join(row("HP-0002")[:-1]), "wrong_columns"),
    "a column too many": (",".join([*row("HP-0002"), "more"]), "wrong_columns"),
    "an open quote": (",".join(row("HP-0002", line_name='"Học phí')), "bad_csv"),
    "letters after a quote": (",".join(row("HP-0002", line_name='"Học" phí')), "bad_csv"),
    "no amount": (",".join(row("HP-0002", amount="")), "bad_amount"),
    "thousands": (",".join(row("HP-0002", amount="100.000")), "bad_amount"),
    "a negative amount": (",".join(row("HP-0002", amount="-1")), "bad_amount"),
    "too many digits": (",".join(row("HP-0002", amount="9" * 13)), "bad_amount"),
    "an odd kind": (",".join(row("HP-0002", kind="thuế")), "bad_kind"),
    "no day": (",".join(row("HP-0002", due_at="31/02/2026")), "bad_due_at"),
    "no offset": (",".join(row("HP-0002", due_at="2026-12-31T10:00")), "bad_due_at"),
    "past": (",".join(row("HP-0002", due_at="2026-11-01")), "past_due_date"),
    "an odd reference": (",".join(row("HP 2")), "bad_reference"),
    "no payer": (",".join(row("HP-0002", payer_name="")), "bad_payer_name"),
    "too long": (",".join(row("HP-0002", payer_name="a" * 256)), "bad_payer_name"),
    "far too long": (",".join(row("HP-0002", payer_name="a" * 20_000)), "bad_csv"),
    "control letters": (",".join(row("HP-0002", payer_name="a\x07b")), "bad_payer_name"),
    "a line feed of another kind": (",".join(row("HP-0002", payer_name="a\x0bb")), "bad_csv"),
    "no agency": (",".join(row("HP-0002", agency_code="H19.99")), "agency_not_found"),
    "no text at all": ("\x01\x02", "wrong_columns"),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_malformed_line_says_why_and_those_beside_it_are_opened(
    billers: Billers, name: str
) -> None:
    line, code = MALFORMED[name]

    batch = await billers.done(csv_file(row("HP-0001"), line, row("HP-0003")))

    results = await billers.results(batch)
    assert [one["result"] for one in results] == ["opened", "refused", "opened"]
    refusal = results[1]["refusal"]
    assert refusal["code"] == code
    assert refusal["detail"]
    assert refusal["detail_en"]
    assert [one["line"] for one in results] == [2, 3, 4]


REFUSED_FILES: dict[str, bytes] = {
    "empty": b"",
    "no header": csv_file(row("HP-0001"), header=",".join(row("HP-0000"))),
    "a column missing": csv_file(header="reference,amount"),
    "an unknown column": csv_file(header=",".join([*COLUMNS, "password"])),
    "a column twice": csv_file(header=",".join([*COLUMNS, "amount"])),
    "UTF-16": csv_file(row("HP-0001")).decode().encode("utf-16"),
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00",
}


@pytest.mark.parametrize("name", REFUSED_FILES)
async def test_a_file_that_nobody_understands_is_refused_at_once(
    billers: Billers, database: Database, name: str
) -> None:
    answer = await billers.send_file(REFUSED_FILES[name])

    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_file")
    assert not await billers.turn()
    assert await counted(database) == 0


async def test_only_csv_is_taken(billers: Billers) -> None:
    answer = await billers.send_file(b"{}", media_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "not_csv")


async def test_a_file_with_no_bills_or_too_many_opens_none(
    billers: Billers, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_batch, "LINES_MAX", 3)
    monkeypatch.setattr(read_batch, "READ_AT_ONCE", 2)

    empty = await billers.done(csv_file("", "", ""))
    rows = [row(f"HP-{number:04}") for number in range(4)]
    long = await billers.done(csv_file(*rows), key="file-0000002")

    assert (empty["status"], empty["refusal"]["code"]) == ("refused", "unreadable_file")
    assert (long["status"], long["lines"], long["done"]) == ("refused", 0, 0)
    assert "3" in long["refusal"]["detail"]
    assert await counted(database) == 0
    async with database.read() as connection:
        for table in (BILL_BATCH_LINE, BILL_BATCH_PART):
            assert await connection.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1258"])
@pytest.mark.parametrize(("delimiter", "end"), [(",", "\n"), (";", "\r\n"), ("\t", "\r")])
async def test_spreadsheets_may_write_it_as_they_are_used_to(
    billers: Billers, encoding: str, delimiter: str, end: str
) -> None:
    text = csv_file(row("HP-0001", line_name="Học phí tháng mười một"), end=end).decode()
    # In Windows-1258 a tone is a letter of its own, after the vowel.
    spelled = text.replace(",", delimiter)
    if encoding == "cp1258":
        spelled = "".join(_cp1258(letter) for letter in spelled)

    batch = await billers.done(spelled.encode(encoding))

    (line,) = await billers.results(batch)
    assert line["result"] == "opened", line
    shown = (await billers.get(f"{INTENTS}/{line['payment_intent_id']}")).json()
    assert shown["lines"][0]["name"] == "Học phí tháng mười một"


def _cp1258(letter: str) -> str:
    try:
        letter.encode("cp1258")
    except UnicodeEncodeError:
        whole = normalize("NFD", letter)
        base, tone = normalize("NFC", whole[:-1]), whole[-1]
        if tone not in "\u0300\u0301\u0303\u0309\u0323":
            base, tone = normalize("NFC", whole[0] + whole[2:]), whole[1]
        return base + tone
    return letter


async def test_a_field_may_go_on_over_lines_and_the_count_goes_on(billers: Billers) -> None:
    folded = ",".join(row("HP-0001", line_name='"Học phí\ntháng 11"'))

    batch = await billers.done(csv_file(folded, "", row("HP-0002", amount="x")))

    first, second = await billers.results(batch)
    shown = (await billers.get(f"{INTENTS}/{first['payment_intent_id']}")).json()
    assert (first["line"], second["line"]) == (2, 5)
    assert shown["lines"][0]["name"] == "Học phí tháng 11"


async def test_results_are_read_in_pages_by_result_and_as_a_file(
    billers: Billers, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(f"HP-{number:04}", amount="x" if number % 3 else "5") for number in range(9)]
    batch = await billers.done(csv_file(*rows))
    path = f"{BATCHES}/{batch['id']}"

    refused = (await billers.get(f"{path}/lines?result=refused&limit=4")).json()
    rest = (
        await billers.get(f"{path}/lines?result=refused&limit=4&cursor={refused['next_cursor']}")
    ).json()
    file = await billers.get(f"{path}/results.csv")

    assert [one["line"] for one in refused["items"] + rest["items"]] == [3, 4, 6, 7, 9, 10]
    assert rest["next_cursor"] is None
    written = list(csv.DictReader(StringIO(file.text.removeprefix("\ufeff"))))
    assert [one["reference"] for one in written] == [f"HP-{number:04}" for number in range(9)]
    assert [one["code"] for one in written[:3]] == ["", "bad_amount", "bad_amount"]
    assert read_qr(written[0]["qr_payload"]).amount == 5
    assert PAYER_NAME not in file.text


async def test_a_batch_is_its_billers_alone(billers: Billers) -> None:
    batch = await billers.done(csv_file(row("HP-0001")))

    for path in ("", "/lines", "/results.csv"):
        answer = await billers.get(f"{BATCHES}/{batch['id']}{path}", HOSPITAL)
        assert (answer.status_code, answer.json()["code"]) == (404, "bill_batch_not_found")
    cancelled = await billers.post(f"{BATCHES}/{batch['id']}/cancellation", HOSPITAL)
    assert cancelled.status_code == 404
    assert (await billers.get(BATCHES, HOSPITAL)).json()["items"] == []
    assert [one["id"] for one in (await billers.get(BATCHES)).json()["items"]] == [batch["id"]]


async def test_cancelling_a_batch_cancels_what_is_not_paid_and_opens_nothing_more(
    billers: Billers, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_waiting_lines, "OPEN_AT_ONCE", 2)
    sent = (await billers.send_file(csv_file(*[row(f"HP-{n}") for n in range(5)]))).json()
    path = f"{BATCHES}/{sent['id']}"
    for _ in range(3):
        await billers.turn()
    paid, *_ = await billers.results(sent)
    await billers.world.notify(notice_facts(paid["bill_reference"], amount=100_000))

    answers = [await billers.post(f"{path}/cancellation") for _ in range(2)]
    await billers.work()
    again = await billers.post(f"{path}/cancellation")

    batch = (await billers.get(path)).json()
    results = await billers.results(sent)
    assert [one.status_code for one in [*answers, again]] == [202, 202, 202]
    assert (batch["status"], batch["opened"], batch["refused"], batch["cancelled"]) == (
        "cancelled",
        4,
        1,
        3,
    )
    assert results[4]["refusal"]["code"] == "batch_cancelled"
    states = [
        (await billers.get(f"{INTENTS}/{one['payment_intent_id']}")).json()["status"]
        for one in results[:4]
    ]
    assert states == ["succeeded", "cancelled", "cancelled", "cancelled"]
    async with database.read() as connection:
        live = PAYMENT_ATTEMPT.c.status == "pending"
        assert not (await connection.execute(select(PAYMENT_ATTEMPT).where(live))).all()


async def test_money_that_comes_while_a_batch_is_cancelled_stays(
    postgresql: Database, keys_dir: Path
) -> None:
    async with open_billers(postgresql, keys_dir) as billers:
        batch = await billers.done(csv_file(row("HP-0001"), row("HP-0002")))
        first, second = await billers.results(batch)
        await billers.post(f"{BATCHES}/{batch['id']}/cancellation")
        paid = update(PAYMENT_INTENT).where(PAYMENT_INTENT.c.id == UUID(first["payment_intent_id"]))
        async with postgresql.begin() as settling:
            await settling.execute(
                paid.values(status="succeeded", provider="sandbox", provider_reference="FT1")
            )
            # It sees both as unpaid, and waits for the first one's row.
            cancelling = asyncio.create_task(billers.turn())
            await asyncio.sleep(0.5)
            assert not cancelling.done()
        await cancelling
        await billers.work()

        shown = (await billers.get(f"{BATCHES}/{batch['id']}")).json()
        async with postgresql.read() as connection:
            rows = (await connection.execute(select(PAYMENT_INTENT))).all()
    assert (shown["status"], shown["cancelled"]) == ("cancelled", 1)
    assert {str(one.id): one.status for one in rows} == {
        first["payment_intent_id"]: "succeeded",
        second["payment_intent_id"]: "cancelled",
    }


async def test_nothing_of_a_payer_lies_open_while_a_file_waits(
    billers: Billers, database: Database
) -> None:
    await billers.send_file(csv_file(row("HP-0001"), row("HP-0002")))
    async with database.read() as connection:
        parts = (await connection.execute(select(BILL_BATCH_PART.c.sealed))).scalars().all()
    await billers.turn()
    async with database.read() as connection:
        lines = (await connection.execute(select(BILL_BATCH_LINE.c.sealed))).scalars().all()
        left = (await connection.execute(select(BILL_BATCH_PART))).all()

    assert parts
    assert lines
    assert not left
    for sealed in [*parts, *lines]:
        assert sealed.startswith("s1.")
        assert PAYER_NAME not in sealed


def test_the_readme_draws_the_states_that_the_table_holds() -> None:
    steps = {(str(a), str(b)) for a, ends in batches.ALLOWED.items() for b in ends}

    assert steps in drawn_states()


def test_the_states_lead_somewhere_and_the_ends_end() -> None:
    ends = {status for status, leads_to in batches.ALLOWED.items() if not leads_to}

    assert set(batches.ALLOWED) == set(batches.BatchStatus)
    assert ends == {batches.BatchStatus.REFUSED, batches.BatchStatus.CANCELLED}
    assert not ends & set(batches.WORKED_ON)
