from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from services.notification.domain.errors import IllegalTransition
from services.notification.domain.message import MESSAGE_TRANSITIONS, MessageState
from services.notification.domain.sending import (
    DEFAULT_RETRY_SECONDS,
    Outcome,
    RetrySchedule,
)
from services.notification.domain.webhook_delivery import (
    ENDPOINT_NOT_LISTENING,
    WEBHOOK_TRANSITIONS,
    WebhookDelivery,
    WebhookState,
)
from services.notification.domain.webhook_endpoint import ENDPOINT_TRANSITIONS, EndpointState
from tests.notification.samples import NOON, endpoint, heard_event, message

README = Path(__file__).parents[3] / "services" / "notification" / "README.md"
QUICK = RetrySchedule.of_seconds(1, 2)
TABLES: dict[str, Mapping[Any, frozenset[Any]]] = {
    "Message": MESSAGE_TRANSITIONS,
    "WebhookEndpoint": ENDPOINT_TRANSITIONS,
    "WebhookDelivery": WEBHOOK_TRANSITIONS,
}


def drawn(table: Mapping[StrEnum, frozenset[StrEnum]]) -> list[str]:
    return sorted(f"{state} --> {then}" for state, following in table.items() for then in following)


@pytest.mark.parametrize("noun", TABLES)
def test_the_readme_draws_the_states_that_the_table_allows(noun: str) -> None:
    section = README.read_text().split(f"### {noun}\n", 1)[1]
    diagram = section.split("```mermaid\n", 1)[1].split("```", 1)[0]

    lines = [line.strip() for line in diagram.splitlines() if "-->" in line and "[*]" not in line]

    assert sorted(lines) == drawn(TABLES[noun])


@pytest.mark.parametrize("noun", TABLES)
def test_every_state_has_its_line_in_the_table(noun: str) -> None:
    table = TABLES[noun]
    a_state: StrEnum = next(iter(table))

    assert set(table) == set(type(a_state))


def test_the_schedule_ends_after_one_try_more_than_it_has_waits() -> None:
    schedule = RetrySchedule.of_seconds(*DEFAULT_RETRY_SECONDS)

    waits = [schedule.wait_after(attempt) for attempt in range(1, 9)]

    assert waits[0] == timedelta(seconds=5)
    assert waits[6] == timedelta(hours=24)
    assert waits[7] is None


def test_a_message_that_could_not_be_sent_stays_queued_and_is_due_later() -> None:
    tried = replace(message(), attempts=1)

    later = tried.after(Outcome.again("mail_server_timeout"), at=NOON, schedule=QUICK)

    assert later.state is MessageState.QUEUED
    assert later.due_at == NOON + timedelta(seconds=1)
    assert later.reason == "mail_server_timeout"


def test_a_message_is_given_up_when_the_schedule_is_over() -> None:
    tried = replace(message(), attempts=3)

    failed = tried.after(Outcome.again("mail_server_timeout"), at=NOON, schedule=QUICK)

    assert failed.state is MessageState.FAILED
    assert failed.finished_at == NOON


def test_a_sent_message_never_changes() -> None:
    sent = replace(message(), attempts=1).after(Outcome.done(), at=NOON, schedule=QUICK)

    with pytest.raises(IllegalTransition):
        sent.after(Outcome.never("bad_address"), at=NOON, schedule=QUICK)


def test_a_delivery_to_a_disabled_endpoint_is_born_failed_and_listed() -> None:
    disabled = replace(endpoint(), state=EndpointState.DISABLED)

    delivery = WebhookDelivery.of(heard_event(), disabled, id=disabled.id, at=NOON)

    assert delivery.state is WebhookState.FAILED
    assert delivery.reason == ENDPOINT_NOT_LISTENING
    assert not delivery.may_go_to(disabled)
    assert delivery.again(at=NOON).may_go_to(disabled)


def test_an_endpoint_is_disabled_by_the_last_of_too_many_failures_in_a_row() -> None:
    once = endpoint().after_failure(failures_max=2, gone=False)
    twice = once.after_failure(failures_max=2, gone=False)

    assert once.state is EndpointState.ACTIVE
    assert twice.state is EndpointState.DISABLED


def test_an_arrival_between_two_failures_starts_the_count_again() -> None:
    failed = endpoint().after_failure(failures_max=2, gone=False)
    arrived = failed.after_arrival()

    assert arrived.after_failure(failures_max=2, gone=False).state is EndpointState.ACTIVE


def test_an_endpoint_that_says_gone_is_disabled_at_once() -> None:
    assert endpoint().after_failure(failures_max=9, gone=True).state is EndpointState.DISABLED


def test_an_arrival_makes_a_disabled_endpoint_active_but_never_a_removed_one() -> None:
    disabled = endpoint().move_to(EndpointState.DISABLED)
    removed = disabled.move_to(EndpointState.REMOVED)

    assert disabled.after_arrival().healthy
    assert removed.after_arrival() == removed


def test_the_webhook_id_is_the_events_own_at_every_endpoint() -> None:
    event = heard_event()
    here = WebhookDelivery.of(event, endpoint(1), id=endpoint(1).id, at=NOON)
    there = WebhookDelivery.of(event, endpoint(2), id=endpoint(2).id, at=NOON)

    assert here.webhook_id == there.webhook_id == f"evt_{event.id}"
