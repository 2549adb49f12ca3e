import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from chassis.auth import Caller
from services.payment.domain.intents.method import Method
from services.payment.storage.tables import METADATA
from tests.payment.api.conftest import Door
from tests.payment.counter.desk import ACCOUNTANT, COLLEAGUE, ELSEWHERE, HERE, OFFICER, Desk
from tests.payment.counter.samples import CARD_NUMBERS
from tests.payment.samples import new_id
from tests.payment.world import SqlWorld

DRAWERS = "/v1/cash-drawers"
FLOAT = {"agency_code": HERE, "desk": "Quầy 1", "drawer": "Q1", "float": {"amount": 500_000}}
SLIP = {
    "terminal_id": "TID00001",
    "batch_no": "000123",
    "approval_code": "A1B2C3",
    "card_scheme": "visa",
    "reference": "632812345678",
    "amount": {"amount": 150_000},
}
READER = replace(OFFICER, scopes=frozenset({"payment.read"}))


def a_key() -> str:
    return str(new_id())


async def opened(door: Door, caller: Caller = OFFICER, **changes: Any) -> dict[str, Any]:
    answer = await door.post(DRAWERS, caller, FLOAT | changes, key=a_key())
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_shift_from_float_to_sign_off(world: SqlWorld, door: Door) -> None:
    intent = await Desk(world).fee()
    drawer = await opened(door)
    path, pay = f"{DRAWERS}/{drawer['id']}", f"/v1/payment-intents/{intent.id}/cash-payments"
    tendered = {"drawer_id": drawer["id"], "tendered": {"amount": 200_000}}
    key = a_key()

    paid = await door.post(pay, OFFICER, tendered, key=key)
    again = await door.post(pay, OFFICER, tendered, key=key)
    other = await door.post(pay, OFFICER, tendered | {"tendered": {"amount": 150_000}}, key=key)
    second = await door.post(pay, OFFICER, tendered, key=a_key())
    payments = (await door.get(f"{path}/payments", READER)).json()
    silent = await door.post(f"{path}/closing", OFFICER, {"counted": {"amount": 0}}, key=a_key())
    closing = await door.post(
        f"{path}/closing",
        OFFICER,
        {"counted": {"amount": 640_000}, "reason": "trả nhầm"},
        key=a_key(),
    )
    wrong = await door.post(f"{path}/sign-off", ACCOUNTANT, {"received": {"amount": 650_000}})
    signed = await door.post(f"{path}/sign-off", ACCOUNTANT, {"received": {"amount": 640_000}})

    assert paid.status_code == 201, paid.text
    assert paid.json()["change"] == {"amount": 50_000, "currency": "VND"}
    assert again.json() == paid.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (second.status_code, second.json()["code"]) == (409, "already_paid")
    assert second.json()["taken_by"] == OFFICER.subject
    assert second.json()["paid_at"] == "2026-11-23T05:00:00+00:00"
    assert payments["items"] == [paid.json()]
    assert (silent.status_code, silent.json()["code"]) == (422, "difference_needs_reason")
    assert closing.json()["verdict"] == "short"
    assert closing.json()["difference"] == {"amount": -10_000, "currency": "VND"}
    assert (wrong.status_code, wrong.json()["code"]) == (409, "received_differs")
    assert (signed.status_code, signed.json()["status"]) == (200, "closed")
    assert (await door.get(path, READER)).json() == signed.json()


async def test_a_slip_is_entered_and_summed_up(world: SqlWorld, door: Door) -> None:
    intent = await Desk(world).fee(Method.POS)
    pay, key = f"/v1/payment-intents/{intent.id}/pos-payments", a_key()

    paid = await door.post(pay, OFFICER, SLIP, key=key)
    again = await door.post(pay, OFFICER, SLIP, key=key)
    batches = (await door.get("/v1/pos-batches", READER)).json()
    slips = (await door.get("/v1/pos-batches/TID00001/000123/payments", READER)).json()
    elsewhere = replace(READER, agencies=frozenset({"H01"}))

    assert paid.status_code == 201, paid.text
    assert (paid.json()["status"], paid.json()["discrepancy"]) == ("settled", None)
    assert again.json() == paid.json()
    (batch,) = batches["items"]
    assert (batch["payments"], batch["total"]["amount"]) == (1, 150_000)
    assert slips["items"] == [paid.json()]
    assert (await door.get("/v1/pos-batches", elsewhere)).json()["items"] == []


async def test_lists_go_on_page_by_page(world: SqlWorld, door: Door) -> None:
    desk = Desk(world)
    drawer = await desk.open()
    for _ in range(3):
        await desk.cash(await desk.fee(), drawer)
    for number in range(3):
        await desk.open(replace(OFFICER, subject=f"o{number}"), drawer=f"D{number}")

    for path, total in ((DRAWERS, 4), (f"{DRAWERS}/{drawer.id}/payments", 3)):
        first = (await door.get(path, READER, limit=2)).json()
        rest = (await door.get(path, READER, limit=2, cursor=first["next_cursor"])).json()
        ids = {one["id"] for one in first["items"] + rest["items"]}
        assert (len(ids), rest["next_cursor"]) == (total, None)


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        (OFFICER, 201),
        (ACCOUNTANT, 403),
        (ELSEWHERE, 403),
        (replace(OFFICER, roles=frozenset({"auditor"})), 403),
        (replace(OFFICER, roles=frozenset({"counter-officer", "auditor"})), 403),
        (replace(OFFICER, roles=frozenset()), 403),
        (replace(OFFICER, scopes=frozenset({"payment.read"})), 403),
        (
            Caller(subject="c", kind="client", client_id="c", scopes=frozenset({"payment.read"})),
            403,
        ),
    ],
)
async def test_only_a_counter_officer_of_the_agency_works_at_its_counter(
    door: Door, caller: Caller, status: int
) -> None:
    answer = await door.post(DRAWERS, caller, FLOAT, key=a_key())

    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("caller", "status"),
    [(ACCOUNTANT, 200), (OFFICER, 403), (COLLEAGUE, 403), (ELSEWHERE, 403)],
)
async def test_only_an_accountant_of_the_agency_takes_the_cash_over(
    door: Door, caller: Caller, status: int
) -> None:
    drawer = await opened(door)
    path, counted = f"{DRAWERS}/{drawer['id']}", {"amount": 500_000}
    await door.post(f"{path}/closing", OFFICER, {"counted": counted}, key=a_key())

    answer = await door.post(f"{path}/sign-off", caller, {"received": counted})

    assert answer.status_code == status, answer.text


async def test_a_drawer_is_shown_to_people_on_duty_at_its_agency(door: Door) -> None:
    drawer = await opened(door)
    path = f"{DRAWERS}/{drawer['id']}"
    citizen = Caller(subject="citizen", kind="user", scopes=frozenset({"payment.read"}))
    there = replace(READER, agencies=frozenset({"H01"}))

    assert (await door.get(path, READER)).status_code == 200
    for hidden in (path, f"{path}/payments"):
        assert (await door.get(hidden, there)).status_code == 404
        assert (await door.get(hidden, citizen)).status_code == 403
    assert (await door.get(DRAWERS, there)).json()["items"] == []
    assert (await door.get(DRAWERS, citizen)).status_code == 403


async def test_no_field_of_the_counter_takes_stores_or_logs_a_card_number(
    world: SqlWorld,
    door: Door,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every string of every form, each key of it, a field that is not there, and the key."""
    caplog.set_level(logging.DEBUG)
    desk = Desk(world)
    drawer, cash, pos = await desk.open(), await desk.fee(), await desk.fee(Method.POS)
    tendered = {"drawer_id": str(drawer.id), "tendered": {"amount": 150_000}}
    forms: list[tuple[str, dict[str, Any]]] = [
        (DRAWERS, FLOAT),
        (f"{DRAWERS}/{drawer.id}/closing", {"counted": {"amount": 1}, "reason": "r"}),
        (f"{DRAWERS}/{drawer.id}/sign-off", {"received": {"amount": 1}}),
        (f"/v1/payment-intents/{cash.id}/cash-payments", tendered),
        (f"/v1/payment-intents/{pos.id}/pos-payments", SLIP),
    ]
    tried = 0
    for path, form in forms:
        for number in CARD_NUMBERS:
            spaced = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
            bodies = [form | {name: spaced} for name in form]
            bodies += [form | {number: 1}, form | {"card": number}, form | {"note": [spaced]}]
            bodies += [form | {"amount": {"amount": int(number)}}]
            for body in bodies:
                raw = json.dumps(body).encode()
                answer = await door.post(path, OFFICER, raw, key=a_key())
                assert answer.json()["code"] == "card_number_given", (path, body)
                assert answer.status_code == 422
                assert number not in answer.text.replace(" ", "")
                tried += 1
            if "sign-off" not in path:
                answer = await door.post(path, OFFICER, form, key=f"key-{number}")
                assert answer.json()["code"] == "card_number_given"
    assert tried > 300

    await door.post(forms[4][0], OFFICER, SLIP, key=a_key())
    written = caplog.text + "".join(capsys.readouterr())
    async with world.database.read() as connection:
        for table in METADATA.sorted_tables:
            written += repr((await connection.execute(select(table))).all())
    assert "632812345678" in written
    for number in CARD_NUMBERS:
        assert number not in json.dumps(written).replace(" ", "")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("terminal_id", "TID1"),
        ("batch_no", "1234567"),
        ("approval_code", "12345"),
        ("reference", "1234567890123"),
        ("card_scheme", "diners"),
        ("amount", {"amount": -1}),
        ("amount", {"amount": 1, "currency": "USD"}),
    ],
)
async def test_a_slip_says_what_terminals_print(
    world: SqlWorld, door: Door, field: str, wrong: Any
) -> None:
    intent = await Desk(world).fee(Method.POS)
    path = f"/v1/payment-intents/{intent.id}/pos-payments"

    answer = await door.post(path, OFFICER, SLIP | {field: wrong}, key=a_key())

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
