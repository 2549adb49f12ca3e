"""The outer wall, as plain ASGI: match, clean, let in, hand on; and refuse in one manner."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.auth import target_of
from chassis.clock import Clock
from chassis.errors import NotFound, Refused, Unauthenticated
from chassis.middleware import STANDS_FOR
from chassis.problems import RETRY_AFTER_SECONDS, describe, language_of, problem, status_of
from gateway.domain.machines.errors import UnexpectedBody
from gateway.domain.machines.signed_request import Arrival
from gateway.domain.machines.token_errors import TokenChallenged
from gateway.domain.traffic.errors import TooManyRequests
from gateway.domain.traffic.limits import Traffic
from gateway.ports.upstream import UpstreamAnswer
from gateway.routes.buckets import Buckets
from gateway.routes.certificates import take_certificate
from gateway.routes.clock_watch import ClockWatch
from gateway.routes.doors import Doors, Entry
from gateway.routes.forwarding import Forwarding, refusal_in
from gateway.routes.gate import account_named, give_back
from gateway.routes.headers import ANSWERED, read_headers
from gateway.routes.misses import Misses
from gateway.routes.route import OWN, Route, RouteTable
from gateway.routes.signed_answers import SignedAnswers
from gateway.routes.sources import Networks, source_of
from gateway.routes.step_up import StepUpNeeded

Headers = Sequence[tuple[bytes, bytes]]
# Whose body names the account that somebody wants to be let into.
SIGN_INS: Final = frozenset({"/v1/sessions"})
MISSED: Final = 404


class NoSuchRoute(NotFound):
    code = "no_such_route"

    def __init__(self) -> None:
        super().__init__("There is nothing here.", vi="Địa chỉ này không tồn tại.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What a request meets on its way through."""

    table: RouteTable
    clock_watch: ClockWatch
    buckets: Buckets
    doors: Doors
    forwarding: Forwarding
    answers: SignedAnswers
    misses: Misses


class Edge:
    """Stands between the server and our own API, which sees only what passed."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        passage: Passage,
        clock: Clock,
        terminators: Networks = (),
        certificate_header: str = "",
    ) -> None:
        self._app = app
        self._table = passage.table
        self._doors = passage.doors
        self._forwarding = passage.forwarding
        self._answers = passage.answers
        self._buckets = passage.buckets
        self._misses = passage.misses
        self._clock_watch = passage.clock_watch
        self._clock = clock
        self._terminators = terminators
        self._certificate_header = certificate_header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = self._answers.over(scope, send)
        try:
            await self._pass(scope, receive, guarded)
        except Refused as refused:
            if not await self._word(scope, guarded, status_of(refused), refused.code):
                await _refuse(scope, guarded, refused)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = target_of(scope)
        path = target.partition("?")[0]
        found = self._table.find(scope["method"], path)
        if found is None:
            await self._turn_away(scope, send, path)
            return
        scope["route"], scope["found"] = found.route, found
        certificate = take_certificate(
            scope, header=self._certificate_header, terminators=self._terminators
        )
        self._answers.mark(scope, found.route)
        arrival = Arrival(
            method=scope["method"],
            target=target,
            headers=read_headers(scope["headers"]),
            body=scope["raw_body"],
            received_at=self._clock.now(),
            source=source_of(scope, self._terminators),
            certificate_thumbprint=certificate,
        )
        if arrival.method == "GET" and arrival.body:
            raise UnexpectedBody
        self._clock_watch.require_right(found.route)
        if found.route.path in SIGN_INS and (account := account_named(arrival.body)):
            self._buckets.take(Traffic.SIGN_IN, account)
        entry = await self._doors.open(found, arrival)
        self._count(scope, entry, arrival)
        if found.route.service == OWN:
            scope["caller"] = entry.caller
            scope["session"] = entry.session
            scope["arrival"] = arrival
            await self._app(scope, receive, send)
            return
        answer = await self._ask(scope, found.route, arrival, entry)
        code = refusal_in(answer)
        if code is None or not await self._word(scope, send, answer.status, code):
            await _answer(answer, send)

    async def _ask(
        self, scope: Scope, route: Route, arrival: Arrival, entry: Entry
    ) -> UpstreamAnswer:
        request_id = scope.get("request_id", "")
        if route.judges_file:
            self._misses.count_file(arrival.source)
        if not route.guessable:
            return await self._forwarding.forward(route, arrival, entry, request_id=request_id)
        with self._misses.guess(arrival.source) as guess:
            answer = await self._forwarding.forward(route, arrival, entry, request_id=request_id)
            guess.missed = answer.status == MISSED
        return answer

    async def _word(self, scope: Scope, send: Send, status: int, code: str) -> bool:
        """Refuse in the provider's own form, if there is one. It is counted by what it means."""
        spoken = self._doors.word(scope["found"], code) if "found" in scope else None
        if spoken is None:
            return False
        scope[STANDS_FOR] = status
        headers = [
            (b"content-type", spoken.media_type.encode()),
            (b"content-length", str(len(spoken.body)).encode()),
            (b"lephi-refusal", code.encode()),
        ]
        await send({"type": "http.response.start", "status": spoken.status, "headers": headers})
        await send({"type": "http.response.body", "body": spoken.body})
        return True

    def _count(self, scope: Scope, entry: Entry, arrival: Arrival) -> None:
        """Who has proved who they are is counted by that; machines' signatures were already."""
        caller = entry.caller
        if caller.kind == "client":
            give_back(scope, self._buckets)
            if arrival.header("authorization") is not None:
                self._buckets.take(Traffic.READ, caller.subject)
        elif entry.session is not None:
            self._buckets.take(Traffic.PERSON, str(entry.session.user_id))

    async def _turn_away(self, scope: Scope, send: Send, path: str) -> None:
        methods = self._table.methods_at(path)
        if not methods:
            raise NoSuchRoute
        allow = (b"allow", ", ".join(methods).encode())
        await _say_problem(scope, send, problem(405, "method_not_allowed", "Not here."), [allow])


async def _answer(answer: UpstreamAnswer, send: Send) -> None:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in answer.headers
        if name in ANSWERED
    ]
    if answer.status == 503 and answer.header("retry-after") is None:
        headers.append((b"retry-after", RETRY_AFTER_SECONDS.encode()))
    if answer.body:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _refuse(scope: Scope, send: Send, refused: Refused) -> None:
    body, headers = describe(
        refused, request_id=scope.get("request_id", ""), language=_language(scope)
    )
    more = [
        (name.lower().encode(), value.encode())
        for name, value in headers.items()
        if name != "Content-Language"
    ]
    if isinstance(refused, TooManyRequests):
        more += [(name.encode(), value.encode()) for name, value in refused.headers]
    if isinstance(refused, StepUpNeeded):
        more.append((b"www-authenticate", refused.challenge.encode()))
    elif isinstance(refused, TokenChallenged):
        more += [(name.encode(), value.encode()) for name, value in refused.headers.items()]
    elif isinstance(refused, Unauthenticated):
        more.append((b"www-authenticate", b'Signature, Bearer realm="lephi"'))
    await _say_problem(scope, send, body, more)


async def _say_problem(scope: Scope, send: Send, body: dict[str, object], more: Headers) -> None:
    spoken = {**body, "request_id": scope.get("request_id", "")}
    raw = json.dumps(spoken, ensure_ascii=False).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-language", _language(scope).encode()),
        (b"content-length", str(len(raw)).encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": body["status"], "headers": headers})
    await send({"type": "http.response.body", "body": raw})


def _language(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"accept-language", b"")
    return language_of(given.decode("latin-1"))
