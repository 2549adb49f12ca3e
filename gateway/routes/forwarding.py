"""Hands a request on to its service and its answer back, and links evidence on the way."""

import re
from collections.abc import Callable
from typing import Final
from uuid import UUID

import structlog

from chassis.canonical import load_json
from chassis.clock import Clock
from chassis.errors import Malformed
from gateway.domain.errors import UpstreamUnavailable
from gateway.domain.machines.signed_request import Arrival
from gateway.ports.unit_of_work import UnitOfWork
from gateway.ports.upstream import UpstreamAnswer
from gateway.providers.service_calls import ServiceCalls
from gateway.routes.doors import Entry
from gateway.routes.headers import forwarded
from gateway.routes.route import Link, Route
from gateway.use_cases.evidence.link_evidence import link_evidence

UNNAMED: Final = "refused"
CODE: Final = re.compile(r"[a-z0-9_]{1,64}")
# Says to us alone which payment an answer is about; it does not pass outwards.
PAYMENT_INTENT: Final = "lephi-payment-intent"
log = structlog.get_logger()


class Forwarding:
    def __init__(
        self, calls: ServiceCalls, new_uow: Callable[[], UnitOfWork], *, clock: Clock
    ) -> None:
        self._calls = calls
        self._new_uow = new_uow
        self._clock = clock

    async def forward(
        self, route: Route, arrival: Arrival, entry: Entry, *, request_id: str
    ) -> UpstreamAnswer:
        answer = await self._calls.call(
            route.service,
            arrival.method,
            arrival.target,
            caller=entry.caller,
            headers=forwarded(arrival.headers, request_id=request_id),
            body=arrival.body,
        )
        if answer.status >= 500 and not _is_problem(answer):
            raise UpstreamUnavailable(route.service)
        if route.link and entry.evidence_id and 200 <= answer.status < 300:
            # Should this fail the caller hears 503 and says it again: nothing is done twice.
            await self._link(route.link, entry.evidence_id, answer)
        return answer

    async def _link(self, link: Link, evidence_id: UUID, answer: UpstreamAnswer) -> None:
        try:
            about, dossier = _named(link, answer)
        except (Malformed, KeyError, TypeError, ValueError) as error:
            log.error("answer names no payment", link=link.value, error=type(error).__name__)
            return
        if about is None:
            return
        await link_evidence(
            evidence_id,
            payment_intent_id=about,
            dossier_id=dossier,
            uow=self._new_uow(),
            at=self._clock.now(),
        )


def refusal_in(answer: UpstreamAnswer) -> str | None:
    """The code of a service's problem; None: the answer is none."""
    if answer.status < 400 or not _is_problem(answer):
        return None
    try:
        value = load_json(answer.body)
    except Malformed:
        return UNNAMED
    code = value.get("code") if isinstance(value, dict) else None
    return code if isinstance(code, str) and CODE.fullmatch(code) else UNNAMED


def _is_problem(answer: UpstreamAnswer) -> bool:
    return (answer.header("content-type") or "").startswith("application/problem+json")


def _named(link: Link, answer: UpstreamAnswer) -> tuple[UUID | None, UUID | None]:
    """The payment, and the dossier, that a service's answer is about."""
    if link is Link.NOTIFICATION:
        # Its body is in whatever form its provider waits for.
        named = answer.header(PAYMENT_INTENT)
        return (UUID(named) if named else None), None
    value = load_json(answer.body, limit_bytes=1 << 20)
    if link is Link.BILL:
        return UUID(value["id"]), None
    named = value["payment_intent_id"]
    return (UUID(named) if named else None), UUID(value["id"])
