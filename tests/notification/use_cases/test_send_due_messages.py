from datetime import timedelta

from chassis.testing import FakeIds, FrozenClock
from services.notification.domain.events import MessageFailed
from services.notification.domain.message import MessageState
from services.notification.domain.sending import Lease, Outcome, RetrySchedule, Verdict
from services.notification.ports import Letter
from services.notification.use_cases.send_due_messages import (
    LEASE,
    MessageSending,
    send_due_messages,
)
from tests.notification.fakes import (
    FakeDocuments,
    FakeEmail,
    FakeUnitOfWork,
    FakeWaitingWork,
)
from tests.notification.samples import (
    NOON,
    PAYER_ADDRESS,
    PAYER_NAME,
    SEALER,
    message,
)

DOWN = Outcome.again("mail_server_unreachable")


class Desk:
    """A use case with everything faked around it."""

    def __init__(self, *outcomes: Outcome, missing_documents: bool = False) -> None:
        self.uow = FakeUnitOfWork()
        self.clock = FrozenClock(NOON)
        self.email = FakeEmail(list(outcomes) or [Outcome.done()])
        self.documents = FakeDocuments(missing=missing_documents)
        self.sending = MessageSending(
            open_uow=self.uow.again,
            waiting=FakeWaitingWork(),
            email=self.email,
            documents=self.documents,
            sealer=SEALER,
            schedule=RetrySchedule.of_seconds(5, 30),
            clock=self.clock,
            ids=FakeIds(),
        )

    async def queue(self) -> None:
        await self.uow.messages.add_once(message())

    async def send(self, *, after_seconds: float = 0) -> int:
        self.clock.advance(timedelta(seconds=after_seconds))
        return await send_due_messages(self.sending)

    def state(self) -> MessageState:
        return self.uow.messages.rows[message().id].state


async def test_a_due_message_is_sent_once() -> None:
    desk = Desk()
    await desk.queue()

    assert await desk.send() == 1
    assert await desk.send() == 0

    (letter,) = desk.email.sent
    assert (letter.to_address, letter.to_name) == (PAYER_ADDRESS, PAYER_NAME)
    assert desk.state() is MessageState.SENT


async def test_no_transaction_is_open_while_the_mail_server_is_on_the_line() -> None:
    desk = Desk()
    await desk.queue()
    open_while_sending: list[int] = []

    class WatchingEmail(FakeEmail):
        async def send(self, letter: Letter) -> Outcome:
            open_while_sending.append(desk.uow.open)
            return Outcome.done()

    object.__setattr__(desk.sending, "email", WatchingEmail())
    await desk.send()

    assert open_while_sending == [0]


async def test_a_mail_server_that_is_down_leaves_the_message_queued_until_it_is_back() -> None:
    desk = Desk(DOWN, DOWN, Outcome.done())
    await desk.queue()

    await desk.send()
    assert await desk.send(after_seconds=4) == 0
    await desk.send(after_seconds=1)
    await desk.send(after_seconds=30)

    assert desk.state() is MessageState.SENT
    assert [one.verdict for one in desk.uow.deliveries.rows] == [
        Verdict.AGAIN,
        Verdict.AGAIN,
        Verdict.DONE,
    ]


async def test_a_message_is_given_up_after_its_schedule_and_that_is_said() -> None:
    desk = Desk(DOWN)
    await desk.queue()

    for seconds in (0, 5, 30):
        await desk.send(after_seconds=seconds)

    assert desk.state() is MessageState.FAILED
    (said,) = desk.uow.outbox.events
    assert said == MessageFailed(
        message_id=message().id, template="receipt_issued", reason="mail_server_unreachable"
    )


async def test_an_address_that_is_refused_for_good_is_not_tried_again() -> None:
    desk = Desk(Outcome.never("recipient_refused"))
    await desk.queue()

    await desk.send()

    assert desk.state() is MessageState.FAILED
    assert len(desk.email.sent) == 1
    assert desk.uow.outbox.types == ["message.failed.v1"]


async def test_a_letter_waits_for_its_documents() -> None:
    desk = Desk(missing_documents=True)
    await desk.queue()

    await desk.send()
    assert desk.state() is MessageState.QUEUED
    assert not desk.email.sent

    desk.documents.missing = False
    await desk.send(after_seconds=5)
    assert desk.state() is MessageState.SENT


async def test_a_message_held_by_a_worker_that_died_is_sent_by_another_after_the_lease() -> None:
    desk = Desk()
    await desk.queue()
    dead = Lease(id=message().id, taken_at=NOON, until=NOON + LEASE)
    await desk.uow.messages.claim_due(dead, limit=1)

    assert await desk.send(after_seconds=1) == 0
    assert await desk.send(after_seconds=LEASE.total_seconds()) == 1

    assert desk.state() is MessageState.SENT
    assert desk.uow.deliveries.rows[0].attempt == 2


async def test_a_result_that_comes_after_the_lease_was_lost_is_dropped() -> None:
    desk = Desk()
    await desk.queue()

    class SlowEmail(FakeEmail):
        async def send(self, letter: Letter) -> Outcome:
            desk.uow.messages.leases.clear()
            return Outcome.done()

    object.__setattr__(desk.sending, "email", SlowEmail())
    await desk.send()

    assert desk.state() is MessageState.QUEUED
    assert not desk.uow.deliveries.rows
