from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.idempotency import KeyReused
from chassis.money import Money
from chassis.testing import FakeIds, FrozenClock
from services.dossier.domain.catalog import FeeSchedule
from services.dossier.domain.errors import (
    NoScheduleInForce,
    NotOfferedAtAgency,
    UnknownAgency,
    UnknownProcedure,
)
from services.dossier.domain.events import FeeRequestedV1
from services.dossier.domain.fee import FeeQuestion
from services.dossier.domain.filing import Filing
from services.dossier.domain.state import State
from services.dossier.use_cases.quote_fee import quote_fee
from services.dossier.use_cases.submit_dossier import Desk, Submitted, submit_dossier
from tests.dossier.fakes import FakeUnitOfWork, Memory, OpenSeal
from tests.dossier.samples import AGENCY, FILING, MORNING, QUESTION, SCHEDULE, fee_line, schedule

FREE = schedule(fee_line("le-phi", 0))


def desk(at: datetime = MORNING) -> Desk:
    return Desk(
        clock=FrozenClock(at), ids=FakeIds(), sealing=OpenSeal(), pay_within=timedelta(days=10)
    )


async def submit(
    uow: FakeUnitOfWork, filing: Filing = FILING, *, at: Desk | None = None
) -> Submitted:
    return await submit_dossier(filing, uow=uow, desk=at or desk())


async def test_a_dossier_is_given_its_code_its_fee_and_its_first_state() -> None:
    uow = FakeUnitOfWork()

    submitted = await submit(uow)

    assert submitted.dossier.code == "H19.25-261123-0001"
    assert submitted.dossier.fee.total == Money(1_350_000)
    assert submitted.dossier.state is State.PAYMENT_REQUIRED
    assert submitted.fee_request_id in uow.memory.fee_requests
    assert uow.outbox.types == [
        "dossier.submitted.v1",
        "dossier.fee_requested.v1",
        "dossier.state_changed.v1",
    ]


async def test_what_is_asked_for_adds_up_and_names_the_payer_only_under_seal() -> None:
    uow = FakeUnitOfWork()

    await submit(uow)

    asked = next(event for event in uow.outbox.events if isinstance(event, FeeRequestedV1))
    assert sum(line.amount_minor_units for line in asked.lines) == asked.amount_minor_units
    assert asked.payee.account_number == AGENCY.account.account_number
    assert asked.due_at == MORNING + timedelta(days=10)
    assert asked.payer_sealed.startswith("payer:")
    for event in uow.outbox.events:
        open_part = event.model_dump_json(exclude={"payer_sealed"})
        for secret in vars_of(FILING):
            assert secret not in open_part


def vars_of(filing: Filing) -> list[str]:
    person = filing.applicant
    return [
        fact
        for fact in (
            person.full_name,
            person.identity_number,
            person.address,
            person.email,
            person.phone,
        )
        if fact
    ]


async def test_a_free_dossier_asks_for_nothing_and_goes_to_work() -> None:
    uow = FakeUnitOfWork(Memory(schedules=[FREE]))

    submitted = await submit(uow)

    assert submitted.fee_request_id is None
    assert submitted.dossier.state is State.IN_PROGRESS
    assert uow.outbox.types == [
        "dossier.submitted.v1",
        "dossier.state_changed.v1",
        "dossier.state_changed.v1",
    ]


async def test_a_line_that_became_free_is_not_asked_for() -> None:
    uow = FakeUnitOfWork()
    poor = replace(QUESTION, exemption_groups=frozenset({"ho-ngheo"}))

    await submit(uow, replace(FILING, question=poor))

    asked = next(event for event in uow.outbox.events if isinstance(event, FeeRequestedV1))
    assert [line.kind for line in asked.lines] == ["phi"]
    assert asked.amount_minor_units == 1_250_000


async def test_the_same_request_said_twice_is_one_dossier() -> None:
    uow = FakeUnitOfWork()
    at = desk()

    first = await submit(uow, at=at)
    again = await submit(uow, at=at)

    assert first == again
    assert len(uow.memory.dossiers) == 1
    assert len(uow.outbox.events) == 3


async def test_the_same_key_for_another_request_is_refused() -> None:
    uow = FakeUnitOfWork()
    await submit(uow)

    with pytest.raises(KeyReused):
        await submit(uow, replace(FILING, request_fingerprint="0" * 64))


async def test_two_clients_may_choose_the_same_key() -> None:
    uow = FakeUnitOfWork()
    at = desk()

    codes = [
        (await submit(uow, replace(FILING, client_id=client), at=at)).dossier.code
        for client in ("portal-demo", "portal-other")
    ]

    assert codes == ["H19.25-261123-0001", "H19.25-261123-0002"]


async def test_a_refused_submission_gives_back_its_key_and_leaves_no_trace() -> None:
    uow = FakeUnitOfWork()
    wrong = replace(QUESTION, case_code="khong-co")

    with pytest.raises(Exception, match="no case"):
        await submit(uow, replace(FILING, question=wrong))
    submitted = await submit(uow)

    assert submitted.dossier.code.endswith("-0001")


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 23, 16, 59, tzinfo=UTC), "261123"),
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), "261124"),
    ],
)
async def test_the_day_of_a_code_is_the_day_in_vietnam(instant: datetime, day: str) -> None:
    submitted = await submit(FakeUnitOfWork(), at=desk(instant))

    assert submitted.dossier.code == f"H19.25-{day}-0001"


async def test_the_price_is_that_of_the_local_day_of_submission() -> None:
    tomorrow = MORNING.date() + timedelta(days=1)
    dearer = schedule(fee_line("le-phi", 999_000), valid_from=tomorrow)
    memory = Memory(schedules=[SCHEDULE, dearer])

    today = await submit(FakeUnitOfWork(memory))
    at_midnight = desk(datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
    later = await submit(FakeUnitOfWork(Memory(schedules=[SCHEDULE, dearer])), at=at_midnight)

    assert (today.dossier.fee.total, later.dossier.fee.total) == (Money(1_350_000), Money(999_000))


@pytest.mark.parametrize(
    ("memory", "filing", "refusal"),
    [
        (Memory(), replace(FILING, procedure_code="9.999999"), UnknownProcedure),
        (Memory(), replace(FILING, agency_code="H19.99"), NotOfferedAtAgency),
        (Memory(), replace(FILING, agency_code="H19.26"), UnknownAgency),
        (Memory(schedules=[]), FILING, NoScheduleInForce),
        (
            Memory(schedules=[schedule(valid_from=MORNING.date() + timedelta(days=1))]),
            FILING,
            NoScheduleInForce,
        ),
    ],
)
async def test_what_is_not_offered_is_refused_by_name(
    memory: Memory, filing: Filing, refusal: type[Exception]
) -> None:
    uow = FakeUnitOfWork(memory)

    with pytest.raises(refusal):
        await submit(uow, filing)

    assert (uow.memory.dossiers, uow.outbox.events) == ({}, [])


async def quoted(memory: Memory, question: FeeQuestion = QUESTION) -> Money:
    _, fee = await quote_fee(
        question,
        procedure_code=FILING.procedure_code,
        agency_code=FILING.agency_code,
        reading=FakeUnitOfWork(memory),
        clock=FrozenClock(MORNING),
    )
    return fee.total


@pytest.mark.parametrize("table", [SCHEDULE, FREE])
async def test_a_quote_is_what_a_submission_would_cost_and_stores_nothing(
    table: FeeSchedule,
) -> None:
    memory = Memory(schedules=[table])

    quote = await quoted(memory)

    assert memory.dossiers == {}
    assert quote == (await submit(FakeUnitOfWork(memory))).dossier.fee.total
